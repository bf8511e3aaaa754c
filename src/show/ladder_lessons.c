/*
 * What each kind of arrow means.
 *
 * One entry for each part of a connection's life, its direction and the states it leads to: the particular before the general. Where Linux does
 * something else than the RFC, the text says what Linux does.
 */
#include "ladder_lessons.h"

#include "base/message.h"
#include "tcp/flags.h"

#define SYN_ACK (FLAG_SYN | FLAG_ACK)

const struct lesson lessons[] = {
	/* ---- opening ---- */
	{
		.part = PART_OPEN, .unanswered = true,
		.title = N_("No answer has come"),
		.text = N_("The segment or its answer was lost or filtered, or nobody is there. The kernel sends it again and again, and gives up in the "
			   "end: a SYN after tcp_syn_retries repeats, a SYN+ACK after tcp_synack_retries."),
		.source = "RFC 9293 §3.8.1, RFC 6298",
	},
	{
		.part = PART_OPEN, .with = FLAG_SYN, .without = FLAG_ACK, .receiver_from = STATE_SYN_SENT, .receiver_in = STATE_SYN_RECV,
		.title = N_("Both open at the same time"),
		.text = N_("A SYN comes where an answer was awaited: both ends called connect() to each other. Each acknowledges the other's SYN, and "
			   "one connection comes of it."),
		.source = "RFC 9293 §3.5, figure 7",
	},
	{
		.part = PART_OPEN, .sender = SENT_BY_LOCAL, .with = FLAG_SYN, .without = FLAG_ACK,
		.title = N_("This side asks for a connection"),
		.text = N_("connect() sends a SYN. It carries this side's initial sequence number, chosen at random, and takes one number itself. It has "
			   "no ACK, for nothing has come yet that could be acknowledged."),
		.source = "RFC 9293 §3.5, figure 6",
	},
	{
		.part = PART_OPEN, .sender = SENT_BY_REMOTE, .with = FLAG_SYN, .without = FLAG_ACK,
		.title = N_("The peer asks for a connection"),
		.text = N_("Its SYN carries its initial sequence number. The kernel answers by itself; no program is asked. The listening socket stays "
			   "LISTEN: an entry of its own stands for this connection, in SYN_RECV."),
		.source = "RFC 9293 §3.5, figure 6",
	},
	{
		.part = PART_OPEN, .sender = SENT_BY_REMOTE, .with = SYN_ACK,
		.title = N_("The peer agrees"),
		.text = N_("One segment does two things: it acknowledges our SYN (ack is our number plus one) and carries the peer's own initial "
			   "number. This side is ESTABLISHED as it comes, before the peer is, and answers with an ACK."),
		.source = "RFC 9293 §3.5, figure 6",
	},
	{
		.part = PART_OPEN, .sender = SENT_BY_LOCAL, .with = SYN_ACK,
		.title = N_("This side agrees"),
		.text = N_("It acknowledges the peer's SYN and carries this side's own initial number. Until the ACK of it comes this side is SYN_RECV, "
			   "and repeats it if need be. The program sees nothing of the connection yet."),
		.source = "RFC 9293 §3.5, figure 6",
	},
	{
		.part = PART_OPEN_ACK, .with = FLAG_SYN,
		.title = N_("Both opened at the same time"),
		.text = N_("The SYNs crossed. Each side sends its SYN once more, now with an ACK of the other's, and is ESTABLISHED when that comes."),
		.source = "RFC 9293 §3.5, figure 7",
	},
	{
		.part = PART_OPEN_ACK, .sender = SENT_BY_LOCAL,
		.title = N_("This side completes the handshake"),
		.text = N_("It acknowledges the peer's SYN: now each end knows that the other has its initial number. This segment may carry data "
			   "already. The peer is ESTABLISHED when it comes."),
		.source = "RFC 9293 §3.5, figure 6",
	},
	{
		.part = PART_OPEN_ACK, .sender = SENT_BY_REMOTE,
		.title = N_("The peer completes the handshake"),
		.text = N_("It acknowledges our SYN: now each end knows that the other has its initial number. This side is ESTABLISHED at once, and waits "
			   "in the accept queue until the program calls accept()."),
		.source = "RFC 9293 §3.5, figure 6",
	},
	{
		.part = PART_OPEN,
		.title = N_("The connection opens"),
		.text = N_("A segment of the three-way handshake, in which both ends agree on their initial sequence numbers."),
		.source = "RFC 9293 §3.5",
	},

	/* ---- data ---- */
	{
		.part = PART_DATA,
		.title = N_("The data in between"),
		.text = N_("All segments with data, in one line. Sequence numbers count bytes: an ACK tells up to which byte all has come, and what is not "
			   "acknowledged in time is sent again. The amounts are the kernel's, without SYN, FIN and repeats."),
		.source = "RFC 9293 §3.4, §3.8",
	},

	/* ---- closing ---- */
	{
		.part = PART_FIN, .unanswered = true,
		.title = N_("No ACK has come for the FIN"),
		.text = N_("The peer is gone, its window is shut, or the segment or its ACK was lost. The kernel sends the FIN again after pauses that "
			   "grow, and gives up in the end."),
		.source = "RFC 9293 §3.8.1, RFC 6298",
	},
	{
		.part = PART_FIN, .receiver_in = STATE_CLOSING,
		.title = N_("Both close at the same time"),
		.text = N_("Each side sent its FIN before the other's came: they crossed. Each acknowledges the other's FIN and is CLOSING until its own "
			   "is acknowledged. Both end in TIME_WAIT."),
		.source = "RFC 9293 §3.6, figure 13",
	},
	{
		.part = PART_FIN, .receiver_from = STATE_FIN_WAIT1, .receiver_in = STATE_TIME_WAIT,
		.title = N_("FIN and ACK in one"),
		.text = N_("One segment acknowledges the first FIN and closes the other direction too: three segments end this connection instead of "
			   "four. Who closed first keeps TIME_WAIT, 60 seconds in Linux."),
		.source = "RFC 9293 §3.6",
	},
	{
		.part = PART_FIN, .sender = SENT_BY_LOCAL, .sender_in = STATE_LAST_ACK,
		.title = N_("This side closes too"),
		.text = N_("The program has called close(): its own FIN goes out. This side is LAST_ACK until the ACK of it comes; then nothing is left "
			   "here. The TIME_WAIT is the peer's, for it closed first."),
		.source = "RFC 9293 §3.6, figure 12",
	},
	{
		.part = PART_FIN, .sender = SENT_BY_REMOTE, .receiver_in = STATE_TIME_WAIT,
		.title = N_("The peer closes too"),
		.text = N_("Now each direction is closed by its owner. This side closed first and keeps TIME_WAIT, 60 seconds in Linux whatever "
			   "tcp_fin_timeout says: late segments must not reach a new connection, and if the last ACK is lost, the peer's FIN comes again."),
		.source = "RFC 9293 §3.6, figure 12",
	},
	{
		.part = PART_FIN, .sender = SENT_BY_REMOTE, .receiver_in = STATE_CLOSE_WAIT,
		.title = N_("The peer closes first"),
		.text = N_("Its FIN comes after all its data. The kernel acknowledges it at once; the program reads end of file, and may still send. "
			   "CLOSE_WAIT lasts until the program itself calls close(): the kernel sets no limit."),
		.source = "RFC 9293 §3.6, figure 12",
	},
	{
		.part = PART_FIN, .sender = SENT_BY_LOCAL,
		.title = N_("This side closes first"),
		.text = N_("The program called close() or shutdown(): it has no more to send. The FIN comes after all its data, takes one number, and "
			   "carries an ACK. Only this direction is closed: the peer may still send."),
		.source = "RFC 9293 §3.6, figure 12",
	},
	{
		.part = PART_FIN,
		.title = N_("One direction is closed"),
		.text = N_("A FIN says that its sender has no more to send. It takes one number, and the other side acknowledges it."),
		.source = "RFC 9293 §3.6",
	},
	{
		.part = PART_FIN_ACK, .receiver_from = STATE_CLOSING, .receiver_in = STATE_TIME_WAIT,
		.title = N_("The FIN that crossed is acknowledged"),
		.text = N_("Both sides closed at once. Each acknowledges the other's FIN, and with the ACK of its own goes on to TIME_WAIT."),
		.source = "RFC 9293 §3.6, figure 13",
	},
	{
		.part = PART_FIN_ACK, .sender_in = STATE_TIME_WAIT,
		.title = N_("The last ACK"),
		.text = N_("It acknowledges the second FIN; as it comes, the other side is CLOSED. Nobody acknowledges an ACK, so its sender cannot know "
			   "whether it came: that is one of the reasons for TIME_WAIT."),
		.source = "RFC 9293 §3.6, figure 12",
	},
	{
		.part = PART_FIN_ACK, .sender = SENT_BY_REMOTE, .receiver_in = STATE_FIN_WAIT2,
		.title = N_("Our FIN has come"),
		.text = N_("The peer's kernel acknowledges it. Our direction is closed, the peer's is not: it may still send. This side waits in "
			   "FIN_WAIT2 until the peer's program closes too."),
		.source = "RFC 9293 §3.6, figure 12",
	},
	{
		.part = PART_FIN_ACK, .sender_in = STATE_CLOSE_WAIT,
		.title = N_("The kernel acknowledges the FIN"),
		.text = N_("It does so by itself, at once, whatever the program does. The connection is half-closed: one direction is over, the other "
			   "goes on until that program closes."),
		.source = "RFC 9293 §3.6, figure 12",
	},
	{
		.part = PART_FIN_ACK, .sender_in = STATE_CLOSING,
		.title = N_("The FIN that crossed is acknowledged"),
		.text = N_("Both sides closed at once. Each acknowledges the other's FIN, and with the ACK of its own goes on to TIME_WAIT."),
		.source = "RFC 9293 §3.6, figure 13",
	},
	{
		.part = PART_FIN_ACK, .receiver_in = STATE_CLOSED,
		.title = N_("The last ACK"),
		.text = N_("It acknowledges the second FIN: nothing is left of the connection where it comes. Who sent it keeps TIME_WAIT for a while."),
		.source = "RFC 9293 §3.6, figure 12",
	},
	{
		.part = PART_FIN_ACK,
		.title = N_("A FIN is acknowledged"),
		.text = N_("The FIN took one number, and this ACK confirms it: that direction is closed, with all its data."),
		.source = "RFC 9293 §3.6",
	},

	/* ---- resets ---- */
	{
		.part = PART_RESET, .note = N_("refused"),
		.title = N_("Refused"),
		.text = N_("A reset answers the SYN: nothing listens on that port, or a firewall says so. connect() fails with ECONNREFUSED."),
		.source = "RFC 9293 §3.5.2, §3.10.7.3",
	},
	{
		.part = PART_RESET, .sender = SENT_BY_REMOTE,
		.title = N_("The peer resets the connection"),
		.text = N_("Its program threw the connection away, or closed it with data unread, or its kernel knows of no such connection. What is on its "
			   "way is lost, and the program gets ECONNRESET. A reset is not acknowledged and leaves no TIME_WAIT."),
		.source = "RFC 9293 §3.5.2, §3.5.3",
	},
	{
		.part = PART_RESET,
		.title = N_("This side resets the connection"),
		.text = N_("SO_LINGER with 0, a close with data unread, or a socket destroyed by hand: a reset goes out in place of a FIN, and what was "
			   "still to be sent is lost. A reset is not acknowledged and leaves no TIME_WAIT."),
		.source = "RFC 9293 §3.6.1, §3.10.5",
	},

	/* ---- sent again ---- */
	{
		.part = PART_AGAIN, .note = N_("keepalive"),
		.title = N_("Is the peer still there?"),
		.text = N_("The connection was idle, and the program asked for keepalive probes. None was answered so far; after tcp_keepalive_probes of "
			   "them the kernel gives up."),
		.source = "RFC 9293 §3.8.4",
	},
	{
		.part = PART_AGAIN, .note = N_("window probe"),
		.title = N_("The peer's window is shut"),
		.text = N_("The peer has no room for more data. The kernel asks again and again whether it has some now: if the peer's word of it were "
			   "lost, both would wait for ever."),
		.source = "RFC 9293 §3.8.6.1",
	},
	{
		.part = PART_AGAIN, .unanswered = true,
		.title = N_("Sent again, and still no ACK"),
		.text = N_("The segment, or the ACK of it, was lost; or nobody is there any more. The kernel repeats it after pauses that grow, as a rule, "
			   "and gives up in the end."),
		.source = "RFC 9293 §3.8.1, RFC 6298",
	},
	{
		.part = PART_AGAIN,
		.title = N_("Sent again"),
		.text = N_("So many segments of this connection had to be repeated: their ACK did not come in time, or the peer's ACKs showed a gap. A "
			   "byte that comes twice is taken once. The kernel counts them, and does not tell which they were."),
		.source = "RFC 9293 §3.8.1, RFC 6298",
	},

	/* ---- without a segment ---- */
	{
		.part = PART_NOTE, .note = N_("listens for connections"),
		.title = N_("A socket that listens"),
		.text = N_("listen() made it LISTEN. It is never a connection itself: each SYN makes an entry of its own, and this one stays as it is."),
		.source = "RFC 9293 §3.3.2",
	},
	{
		.part = PART_NOTE, .note = N_("no longer listens"),
		.title = N_("The listening socket is closed"),
		.text = N_("Connections that were accepted live on; those still in its queue are reset."),
		.source = "RFC 9293 §3.10.4",
	},
	{
		.part = PART_NOTE, .note = N_("no answer: given up"),
		.title = N_("Nobody answered"),
		.text = N_("The SYN was sent as often as tcp_syn_retries allows, and nothing came back, not even a reset: filtered, or no such host. "
			   "connect() fails with ETIMEDOUT."),
		.source = "RFC 9293 §3.8.3",
	},
	{
		.part = PART_NOTE, .note = N_("cancelled by the program"),
		.title = N_("The program did not wait"),
		.text = N_("It closed its socket before an answer to the SYN came. Nothing is sent for that."),
		.source = "RFC 9293 §3.10.4",
	},
	{
		.part = PART_NOTE, .note = N_("no ACK came: given up"),
		.title = N_("The handshake was not completed"),
		.text = N_("The SYN+ACK was repeated tcp_synack_retries times, and no ACK came: the entry is dropped. A SYN with a forged source address "
			   "looks like this too."),
		.source = "RFC 9293 §3.8.3",
	},
	{
		.part = PART_NOTE, .note = N_("TIME_WAIT is over"),
		.title = N_("The wait is over"),
		.text = N_("The RFC says two times the maximum segment lifetime, Linux 60 seconds. Nothing is left in the kernel now."),
		.source = "RFC 9293 §3.6.1, §3.10.8",
	},
	{
		.part = PART_NOTE, .note = N_("a new connection takes its place"),
		.title = N_("The same two ends connect again"),
		.text = N_("TIME_WAIT may be left early for that, when later sequence numbers or time stamps rule out that the two are mistaken for each "
			   "other."),
		.source = "RFC 6191",
	},
	{
		.part = PART_NOTE, .note = N_("no FIN came: given up"),
		.title = N_("The kernel stops waiting for a FIN"),
		.text = N_("The program is gone, so nobody could read what the other side may still send. The kernel waits for its FIN for tcp_fin_timeout (60 "
			   "seconds by default) and then forgets the connection; a later segment is answered with a reset."),
		.source = "Linux: tcp_fin_timeout",
	},
	{
		.part = PART_NOTE, .note = N_("the peer is silent: given up"),
		.title = N_("The peer fell silent"),
		.text = N_("Segments or keepalive probes were repeated and nothing came back. The kernel gives up, and the program gets ETIMEDOUT."),
		.source = "RFC 9293 §3.8.3",
	},
	{
		.part = PART_NOTE, .note = N_("removed"),
		.title = N_("Removed by hand"),
		.text = N_("The entry was destroyed from outside, as `ss --kill` does. Nothing is sent."),
		.source = "Linux: SOCK_DESTROY",
	},
	{
		.part = PART_NOTE, .note = N_("open before synfin looked"),
		.title = N_("It was there before"),
		.text = N_("It was open when synfin began to look. How it opened was not seen."),
		.source = "",
	},
	{
		.part = PART_NOTE, .note = N_("steps left out"),
		.title = N_("Steps are left out"),
		.text = N_("Only so many steps of a connection are kept: the first, and the newest."),
		.source = "",
	},
	{
		.part = PART_NOTE, .note = N_("TCP knows no such step"),
		.title = N_("TCP knows no such step"),
		.text = N_("What was seen is no way that TCP allows. Something was missed, or a recording is damaged: it is shown as it was told."),
		.source = "RFC 9293 §3.3.2, figure 5",
	},
	{
		.part = PART_NOTE,
		.title = N_("How it ended is not known"),
		.text = N_("It is gone, and what was seen of it fits more than one way to end."),
		.source = "",
	},
};

const unsigned lesson_count = sizeof(lessons) / sizeof(*lessons);
