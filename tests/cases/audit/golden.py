"""Makes golden.json: audits of small seeded tables by fairlearn, statsmodels and numpy.

pip install fairlearn==0.15.0 statsmodels==0.15.0 && python golden.py > golden.json
"""

import json
import warnings

import numpy as np
from fairlearn import metrics as fm
from sklearn.metrics import accuracy_score
from statsmodels.stats.proportion import confint_proportions_2indep

warnings.filterwarnings("ignore")
RATES = {
    "selection_rate": fm.selection_rate,
    "true_positive_rate": fm.true_positive_rate,
    "false_positive_rate": fm.false_positive_rate,
    "accuracy": accuracy_score,
}
RESAMPLES = 20_000


def table(seed, rows, shares, tasks):
    """Rows whose labels and decisions depend on the group; `tasks` of unequal size, or none."""
    rng = np.random.default_rng(seed)
    group = rng.choice(len(shares), rows, p=shares)
    label = rng.random(rows) < 0.6 - 0.1 * group
    accept = rng.random(rows) < np.where(label, 0.8 - 0.1 * group, 0.3 - 0.05 * group)
    task = np.sort(rng.choice(tasks, rows, p=np.arange(1, tasks + 1) / (tasks * (tasks + 1) / 2)))
    return label.astype(int), accept.astype(int), group, task


def parity_ratio(accept, group):
    protected, others = accept[group == 1], accept[group != 1]
    return protected.mean() / others.mean()


def resampled(accept, group, task, rng):
    """The rows of each task drawn again with replacement."""
    parts = [np.flatnonzero(task == t) for t in np.unique(task)]
    rows = np.concatenate([rng.choice(part, len(part)) for part in parts])
    return parity_ratio(accept[rows], group[rows])


def newcombe(accept, group):
    """The interval of the difference of selection rates, protected minus others."""
    sides = accept[group == 1], accept[group != 1]
    counts = [int(number) for side in sides for number in (side.sum(), len(side))]
    return [float(end) for end in confint_proportions_2indep(*counts, compare="diff", method="newcomb")]


def case(seed, rows, shares, tasks):
    label, accept, group, task = table(seed, rows, shares, tasks)
    frame = fm.MetricFrame(metrics=RATES, y_true=label, y_pred=accept, sensitive_features=group)
    side = (group == 1).astype(int)  # group 1 is protected, all others are not
    args = {"y_true": label, "y_pred": accept, "sensitive_features": side}
    rng = np.random.default_rng(seed)
    ratios = [resampled(accept, group, task, rng) for _ in range(RESAMPLES)]
    text = lambda values: "".join(map(str, values))
    return {
        "label": text(label),
        "decision": text(accept),
        "group": text(group),
        "task": text(task),
        "overall_accuracy": float(accuracy_score(label, accept)),
        "by_group": {str(g): {k: float(v) for k, v in row.items()} for g, row in frame.by_group.iterrows()},
        "demographic_parity_ratio": fm.demographic_parity_ratio(**args),
        "demographic_parity_difference": fm.demographic_parity_difference(**args),
        "equal_opportunity_ratio": fm.equal_opportunity_ratio(**args),
        "equal_opportunity_difference": fm.equal_opportunity_difference(**args),
        "equalized_odds_ratio": fm.equalized_odds_ratio(**args),
        "equalized_odds_difference": fm.equalized_odds_difference(**args),
        "parity_difference_interval": newcombe(accept, group),
        "parity_ratio_interval": list(np.quantile(ratios, [0.025, 0.975])),
    }


CASES = [(1, 80, [0.5, 0.5], 1), (2, 120, [0.7, 0.3], 3), (3, 300, [0.2, 0.5, 0.3], 4)]
cases = [case(*arguments) for arguments in CASES]
print("[" + ",\n".join(json.dumps(case, indent=1) for case in cases) + "]")
