/*
 * Names for addresses and ports, looked up beside the main thread: a name server can be slow or gone, and nothing here waits for it.
 *
 * One thread asks (getnameinfo); questions and answers go through bounded queues. What came back is kept for a while, up to NAMES_KEPT of it; that there is no name
 * is kept too, for less long. Names come from strangers and are cleaned as they come in.
 */
#ifndef NAMES_H
#define NAMES_H

#include "base/loop.h"
#include "show/names.h"

#define NAMES_KEPT 4096

struct name_book;

/* The function that looks one up: getnameinfo, or a test's. 0 and a name, or another number; `host`: of the address, else of the port. */
typedef int name_book_ask(const struct endpoint *e, uint32_t ifindex, bool host, char *name, size_t room);

/* No thread is started before the first name is wanted. `came` is called from the loop when names have come. NULL with errno. `ask` NULL: getnameinfo. */
struct name_book *name_book_new(struct loop *loop, name_book_ask *ask, void (*came)(void *context), void *context);
/* Never waits for an answer that is on its way. NULL is fine. */
void name_book_free(struct name_book *b);
const struct names *name_book_names(const struct name_book *b);

#endif
