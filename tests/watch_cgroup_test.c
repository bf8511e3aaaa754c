/* cgroup: what people call a cgroup, and how its id leads to its path. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "watch/cgroup.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD "8a4f5c1e-0d5b-4c7e-9a51-1f5d2f0a9c11"

static void test_names(void **state)
{
	static const struct {
		const char *path, *name;
	} cases[] = {
		{"", ""},
		{"/", ""},
		{"/init.scope", "init.scope"},
		{"/system.slice/nginx.service", "nginx.service"},
		{"/system.slice/system-postgresql.slice/postgresql@16-main.service", "postgresql@16-main.service"},
		{"/system.slice/ssh.service/own/part", "ssh.service"},
		{"/user.slice/user-1000.slice/session-3.scope", "session-3.scope"},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox.scope", "user@1000.service/app-firefox.scope"},
		{"/user.slice/user-1000.slice/user@1000.service/init.scope", "user@1000.service/init.scope"},
		{"/user.slice/user-1000.slice/user@1000.service", "user@1000.service"},
		{"/user.slice", "user.slice"},
		{"/batch/job-7", "job-7"},
		{"/system.slice/docker-" ID ".scope", "docker:0123456789ab"},
		{"/docker/" ID, "docker:0123456789ab"},
		{"/docker/" ID "/system.slice/cron.service", "docker:0123456789ab"},
		{"/docker/buildkit", "buildkit"},
		{"/machine.slice/libpod-" ID ".scope", "podman:0123456789ab"},
		{"/machine.slice/libpod-" ID ".scope/container", "podman:0123456789ab"},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope", "podman:0123456789ab"},
		{"/machine.slice/libpod-conmon-" ID ".scope", "libpod-conmon-0123456789abcdef0123456789abcdef0123456789abcdef0"},
		{"/system.slice/cri-containerd-" ID ".scope", "container:0123456789ab"},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod8a4f5c1e_0d5b_4c7e_9a51_1f5d2f0a9c11.slice/cri-containerd-" ID ".scope",
	         "k8s:pod" POD "/0123456789ab"},
		{"/kubepods/besteffort/pod" POD "/" ID, "k8s:pod" POD "/0123456789ab"},
		{"/kubepods.slice/kubepods-pod8a4f5c1e_0d5b_4c7e_9a51_1f5d2f0a9c11.slice/crio-" ID ".scope", "k8s:pod" POD "/0123456789ab"},
		{"/kubepods/besteffort/pod" POD, "k8s:pod" POD},
		{"/kubepods.slice/kubepods-besteffort.slice", "kubepods-besteffort.slice"},
		{"/lxc.payload.web", "lxc:web"},
		{"/lxc/web/ns", "lxc:web"},
		{"/machine.slice/machine-web.scope", "machine-web.scope"},
		{"/evil\x1b[31m\xff", "evil?[31m?"},
		{"//", ""},
		{"/-/.scope", ".scope"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char name[UNIT_ROOM];

		cgroup_name(cases[i].path, name);
		assert_string_equal(name, cases[i].name);
	}
}

static uint64_t make_directory(const char *root, const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static void remove_directory(const char *root, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(rmdir(path), 0);
}

/* A tree of directories like that of cgroups, where no handle leads to it. */
static void test_each_is_told_once(void **state)
{
	char root[] = "/tmp/watch_cgroup_test.XXXXXX", name[UNIT_ROOM];
	uint64_t slice, nginx, later, container;
	struct cgroups c;

	(void)state;
	assert_non_null(mkdtemp(root));
	slice = make_directory(root, "system.slice");
	nginx = make_directory(root, "system.slice/nginx.service");
	container = make_directory(root, "docker-" ID ".scope");
	cgroups_init(&c, root, 42);
	assert_false(cgroups_see(&c, 0, name));
	assert_true(cgroups_see(&c, nginx, name));
	assert_string_equal(name, "nginx.service");
	assert_false(cgroups_see(&c, nginx, name));
	assert_true(cgroups_see(&c, container, name));
	assert_string_equal(name, "docker:0123456789ab");
	assert_true(cgroups_see(&c, slice, name));
	/* One that comes later makes us look again, but not all the time. */
	later = make_directory(root, "system.slice/later.service");
	c.walked_ns = 1;
	assert_true(cgroups_see(&c, later, name));
	assert_string_equal(name, "later.service");
	assert_false(cgroups_see(&c, UINT64_MAX / 3, name));
	cgroups_fini(&c);
	remove_directory(root, "system.slice/later.service");
	remove_directory(root, "system.slice/nginx.service");
	remove_directory(root, "system.slice");
	remove_directory(root, "docker-" ID ".scope");
	assert_int_equal(rmdir(root), 0);
}

/* Too many are forgotten together, and told again. */
static void test_their_number_is_bounded(void **state)
{
	char root[] = "/tmp/watch_cgroup_test.XXXXXX", name[UNIT_ROOM];
	struct cgroups c;
	uint64_t nginx;

	(void)state;
	assert_non_null(mkdtemp(root));
	nginx = make_directory(root, "nginx.service");
	cgroups_init(&c, root, 42);
	assert_true(cgroups_see(&c, nginx, name));
	for (uint64_t id = 1; id <= 2 * CGROUPS_MAX; id++) {
		c.walked_ns = 1;
		cgroups_see(&c, UINT64_MAX - id, name);
		assert_in_range(c.count, 1, CGROUPS_MAX);
	}
	c.walked_ns = 1;
	assert_true(cgroups_see(&c, nginx, name));
	cgroups_fini(&c);
	remove_directory(root, "nginx.service");
	assert_int_equal(rmdir(root), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_each_is_told_once),
		cmocka_unit_test(test_their_number_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
