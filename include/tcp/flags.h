/* The control bits of the TCP header (RFC 9293 section 3.1; AE: RFC 9768, once NS of RFC 3540), and the segments of an opening and a closing. */
#ifndef TCP_FLAGS_H
#define TCP_FLAGS_H

#include <stddef.h>

enum tcp_flag {
	FLAG_FIN = 0x001,
	FLAG_SYN = 0x002,
	FLAG_RST = 0x004,
	FLAG_PSH = 0x008,
	FLAG_ACK = 0x010,
	FLAG_URG = 0x020,
	FLAG_ECE = 0x040,
	FLAG_CWR = 0x080,
	FLAG_AE = 0x100,
};

#define FLAGS_TEXT_ROOM 40
/* "SYN+ACK", "FIN+ACK", "-" for none: into out; returns its length. */
size_t flags_format(unsigned flags, char out[FLAGS_TEXT_ROOM]);

#endif
