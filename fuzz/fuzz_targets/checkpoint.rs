#![no_main]

use integration_tests::readers::checkpoint::READER;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| READER.run(bytes));
