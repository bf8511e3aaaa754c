/*
 * Golden files: text that a test makes, compared byte by byte with tests/golden/NAME.
 *
 * A file that is missing fails the test. With UPDATE_GOLDEN=1 in the environment the files are (re)written instead: look at the
 * difference before you commit it. Needs top_srcdir in the environment, as `make check` sets it (else the current directory).
 */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

/* Fails the running cmocka test unless `text` is what tests/golden/<name> holds. */
void golden_check(const char *name, const char *text);

#endif
