/*
 * One inet_diag_msg with its attributes as a sample. Pure: reads the bytes it is given and nothing else.
 */
#ifndef WATCH_PARSE_H
#define WATCH_PARSE_H

#include <stddef.h>

#include "tcp/observation.h"

/* Reads the payload of a SOCK_DIAG_BY_FAMILY or TCPDIAG_GETSOCK message (any alignment). 0 and *out, or -EBADMSG when the bytes are no
 * message about a TCP socket as net/ipv4/inet_diag.c writes them; then *out is not touched. Attributes that are unknown or shorter than
 * what this kernel's headers know are fine; one that reaches beyond the message is not. */
int parse_sample(const void *payload, size_t len, struct sample *out);

/* The tuple as the kernel's socket identity, and back. */
struct inet_diag_sockid;
void parse_put_identity(const struct tuple *tuple, uint64_t cookie, struct inet_diag_sockid *id);

#endif
