/* The namespaces that are watched: see watch/hosts.h. */
#include "config.h"

#include "watch/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "watch/netns.h"
#include "watch/proc_net.h"

void hosts_init(struct hosts *h, struct queue *queue)
{
	*h = (struct hosts){0};
	pthread_mutex_init(&h->lock, NULL);
	outlet_init(&h->notices_out, queue, 0, false);
}

static void host_free(struct host *host)
{
	obituary_fini(&host->obituary);
	netlink_port_fini(&host->lookup_port);
	dumper_fini(&host->dumper);
	free(host);
}

void hosts_fini(struct hosts *h)
{
	for (unsigned i = 0; i < h->count; i++)
		host_free(h->all[i]);
	free(h->all);
	outlet_fini(&h->notices_out);
	pthread_mutex_destroy(&h->lock);
}

struct host *hosts_add(struct hosts *h, struct watch_sockets sockets, int *error)
{
	struct host *host = memory_get_zeroed(1, sizeof(*host));

	*error = dumper_init(&host->dumper, sockets.dump);
	/* If that fails, each look-up tries again. */
	netlink_port_init(&host->lookup_port, sockets.lookup);
	/* Sockets that were handed over may be of another namespace than what we can read. */
	host->proc = host->dumper.port.own && proc_net_is_there(PROC_NET_DIRECTORY) ? PROC_NET_DIRECTORY : NULL;
	host->netns = host->dumper.port.fd < 0 ? netlink_own_netns() : netlink_netns_cookie(host->dumper.port.fd);
	obituary_init(&host->obituary, sockets.notices, OBITUARY_BUFFER_BYTES, &h->notices_out);
	pthread_mutex_lock(&h->lock);
	h->all = memory_resize(h->all, h->count + 1u, sizeof(*h->all));
	h->all[h->count++] = host;
	pthread_mutex_unlock(&h->lock);
	return host;
}

void hosts_remove(struct hosts *h, struct host *host)
{
	unsigned i = 0;
	bool lost = false;

	pthread_mutex_lock(&h->lock);
	outlet_set_netns(&h->notices_out, host->netns);
	obituary_part(&host->obituary, &lost);
	while (h->all[i] != host)
		i++;
	memmove(&h->all[i], &h->all[i + 1], (h->count - i - 1) * sizeof(*h->all));
	h->count--;
	/* What there was no room for is told with the next loss. */
	if (h->count > 0)
		h->all[0]->obituary.lost_untold += host->obituary.lost_untold;
	pthread_mutex_unlock(&h->lock);
	host_free(host);
}

struct host *hosts_find(const struct hosts *h, uint64_t netns)
{
	for (unsigned i = 0; i < h->count; i++)
		if (!netns || h->all[i]->netns == netns)
			return h->all[i];
	return NULL;
}

struct host *hosts_find_id(const struct hosts *h, const struct netns_id *id)
{
	for (unsigned i = 0; i < h->count; i++)
		if (netns_id_equal(&h->all[i]->id, id))
			return h->all[i];
	return NULL;
}
