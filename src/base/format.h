/* The arguments that a printf format takes: so that a translation is never printed with others than its message. */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include <stdbool.h>

/* Whether `translation` may be printed with the arguments of `text`: the same ones, of the same types, in order or by
 * number (%2$s). Where `text` is no format at all, any translation will do. */
bool format_fits(const char *text, const char *translation);

#endif
