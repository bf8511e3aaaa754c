/* "Did you mean …?" */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

/* The one of `words` that `typed` was most likely meant to be; NULL if none is near. */
const char *suggest_near(const char *typed, const char *const *words, size_t count);

#endif
