//! The methods of the element-wise operations, for whoever records them.

/// Makes the methods of the table, in the `impl` block that it is given.
macro_rules! elementwise_methods {
    (
        [$($of:tt)*]
        unary {$(
            $(#[$doc:meta])*
            $method:ident $(($field:ident: $type:ty, $sample:expr))? $name:ident $line:tt
        )*}
        binary {$(
            $(#[$bdoc:meta])*
            $bmethod:ident $bname:ident $bline:tt
        )*}
    ) => {
        $($of)* {
            $(
                $(#[$doc])*
                pub fn $method(&mut self, a: Var $(, $field: $type)?) -> Var {
                    self.unary(a, Unary::$name $(($field))?)
                }
            )*
            $(
                $(#[$bdoc])*
                pub fn $bmethod(&mut self, a: Var, b: Var) -> Var {
                    self.binary(a, b, Binary::$bname)
                }
            )*
        }
    };
}
