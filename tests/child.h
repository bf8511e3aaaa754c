/* Running a part of a test in a process of its own, for what ends the process or changes it for good (environment,
 * locale, standard error). */
#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include "base/text.h"

/* Runs body(context) in a child, and waits. The child ends with status 0 when body returns. Returns its exit status,
 * or 128 + the signal that ended it. Its standard error is appended to `errors` (NULL: it goes where ours goes). */
int child_run(void (*body)(const void *context), const void *context, struct text *errors);

/* In a child: ends it with status 99 and a line on standard error unless they are equal. (cmocka's assertions work in
 * the parent only.) */
void child_expect_string(const char *got, const char *expected);
void child_expect_int(long long got, long long expected);

#endif
