/*
 * An actor plays one end of a connection by a script: connect, send, wait, close, and the things that go wrong. Scripts are data.
 *
 * "Deaf" is how a single host gets a bad wire: a socket filter that drops every segment that comes in for that socket, so that the
 * other end's SYN, ACK or FIN is lost until the socket hears again and the kernel's own retransmission gets through.
 */
#ifndef LAB_ACTOR_H
#define LAB_ACTOR_H

#include <stdint.h>
#include <sys/socket.h>

#include "base/loop.h"

enum step_kind {
	STEP_END,     /* of the script: closes, if that has not been done */
	STEP_CONNECT, /* begins to connect, and goes on */
	STEP_OPEN,    /* waits until the connect has succeeded; the script ends if it fails */
	STEP_SEND,    /* number: bytes */
	STEP_AWAIT,   /* number: bytes to be read, or fewer if the peer's FIN comes first */
	STEP_SLEEP,   /* number: milliseconds, in which nothing is read */
	STEP_AGAIN,   /* goes back `number` steps, unless the peer's FIN was read */
	STEP_SHUT,    /* shutdown(SHUT_WR): a FIN, while we can still read */
	STEP_RESET,   /* closes with an RST */
	STEP_KEEP,    /* forgets the socket without closing it; number: at most so many in one process, later ones are closed */
	STEP_DEAF,
	STEP_HEAR,
};

struct step {
	uint8_t kind; /* enum step_kind */
	uint32_t number;
};

#define STEP_UNTIL_END UINT32_MAX /* for STEP_AWAIT: until the peer's FIN */

/* Drops all that comes in for the socket; hears again. 0 or -errno. */
int actor_deafen(int fd);
int actor_undeafen(int fd);

/* Plays `script` on fd, which it takes over. `to`: for STEP_CONNECT, copied. `first`: the first byte of all that it sends. The actor frees itself. */
void actor_play(struct loop *loop, int fd, const struct step *script, const struct sockaddr_storage *to, uint8_t first);

/* Waits for the first bytes on an accepted socket, which it takes over; the first of them chooses the script: choose(context, byte), NULL closes. */
typedef const struct step *actor_choose(uint8_t first);
void actor_serve(struct loop *loop, int fd, actor_choose *choose);

#endif
