#!/bin/sh
# The translations against the sources as they are now: every message translated, none fuzzy, formats alike. Speaks TAP.
: "${top_srcdir:=.}" "${top_builddir:=.}"
pot=$top_builddir/po/synfin.pot

for tool in xgettext msgfmt msgcmp msgattrib; do
	if ! command -v $tool >/dev/null; then
		echo "1..0 # SKIP $tool is not installed"
		exit 0
	fi
done

number=0
# check DESCRIPTION COMMAND...: passes if the command succeeds and prints nothing.
check()
{
	description=$1
	shift
	number=$((number + 1))
	if output=$("$@" 2>&1) && [ -z "$output" ]; then
		echo "ok $number - $description"
	else
		echo "not ok $number - $description"
		printf '%s\n' "$output" | sed 's/^/# /'
	fi
}

# make's own flags are for the make that runs the tests.
make_pot()
{
	(unset MAKEFLAGS MFLAGS MAKELEVEL && make -s V=1 -C "$top_builddir" po/synfin.pot)
}

# The messages that msgattrib selects, without the header that it always prints first.
select_messages()
{
	msgattrib --no-obsolete "$@" | sed '1,/^$/d'
}

set -- "$top_srcdir"/po/*.po
echo "1..$((1 + 4 * $#))"
check "messages can be extracted" make_pot
for po; do
	name=${po##*/}
	check "$name: formats and header are right" msgfmt --check -o /dev/null "$po"
	check "$name: nothing is untranslated" select_messages --untranslated "$po"
	check "$name: nothing is fuzzy" select_messages --only-fuzzy "$po"
	check "$name: the messages are those of the sources" msgcmp --use-untranslated --use-fuzzy "$po" "$pot"
done
