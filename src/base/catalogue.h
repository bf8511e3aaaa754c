/*
 * A reader of compiled message catalogues (.mo, GNU gettext manual, "The Format of GNU MO Files"), for when the C
 * library will not look into them.
 *
 * The file is read whole and every number in it is checked, for it may be damaged: whatever it holds, a look-up
 * returns text that is safe to print and, where the message is a printf format, takes the same arguments.
 * System-dependent strings (those with PRIu64 and the like) are not looked up.
 */
#ifndef BASE_CATALOGUE_H
#define BASE_CATALOGUE_H

#include <stdbool.h>

struct catalogue;

/* Reads a file. 0, or -errno: -EBADMSG when it is no such catalogue. */
int catalogue_load(const char *path, struct catalogue **out);
void catalogue_free(struct catalogue *c);

/* The translation or NULL. Owned by the catalogue. */
const char *catalogue_find(const struct catalogue *c, const char *text);
/* Some message that is translated, to ask another reader whether it sees this catalogue; NULL: there is none. */
const char *catalogue_probe(const struct catalogue *c);
/* Whether all translations were fit to be used. */
bool catalogue_is_sound(const struct catalogue *c);

#endif
