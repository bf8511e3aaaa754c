/* Sequence numbers: 32 bits, modulo 2^32 (RFC 9293 section 3.4). */
#ifndef TCP_SEQ_H
#define TCP_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* a before b; a after b. Right while they are less than 2^31 apart. */
static inline bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}
static inline bool seq_after(uint32_t a, uint32_t b)
{
	return seq_before(b, a);
}

#endif
