#!/bin/sh
# `synfin --themes`: names alone for a program, samples for a person, and the mistakes of each. With UPDATE_GOLDEN=1 the golden files are rewritten.
. "${top_srcdir:=.}/tests/cmd_tap.sh"
LC_ALL=C.UTF-8
TERM=xterm-256color
XDG_CONFIG_HOME=$tap_dir/config
unset LANGUAGE NO_COLOR COLUMNS
export LC_ALL TERM XDG_CONFIG_HOME
mine=$XDG_CONFIG_HOME/synfin/themes
mkdir -p "$mine"

# is_golden NAME: what came out is what tests/golden has under that name.
is_golden()
{
	if [ -n "${UPDATE_GOLDEN-}" ]; then
		cp "$out" "$top_srcdir/tests/golden/$1"
	fi
	cmp "$out" "$top_srcdir/tests/golden/$1"
}

names()
{
	run 0 "$synfin" --themes && [ ! -s "$err" ] && sed 's/ *$//' "$out" | cmp - "$out" && is_golden cmd_themes_names.txt
}
tap_case "names alone where there is no terminal" names

shows()
{
	golden=$1 columns=$2
	shift 2
	COLUMNS=$columns run 0 env COLUMNS="$columns" "$@" --themes --color always && [ ! -s "$err" ] && is_golden "$golden"
}
tap_case "samples in 256 colours, 80 columns" shows cmd_themes_80.txt 80 "$synfin"
tap_case "samples in 256 colours, 130 columns" shows cmd_themes_130.txt 130 "$synfin"
tap_case "samples in ASCII" shows cmd_themes_80_ascii.txt 80 "$synfin" --ascii
if [ -f "$top_builddir/share/locale/ko/LC_MESSAGES/synfin.mo" ]; then
	tap_case "in Korean" shows cmd_themes_80_ko.txt 80 "$synfin" --lang ko
fi
if infocmp xterm-direct >/dev/null 2>&1; then
	tap_case "samples in direct colours" shows cmd_themes_80_direct.txt 80 env TERM=xterm-direct "$synfin"
fi
tap_case "samples in eight colours" shows cmd_themes_80_linux.txt 80 env TERM=linux "$synfin"
tap_case "samples in attributes alone" shows cmd_themes_80_vt100.txt 80 env TERM=vt100 "$synfin"

# Without the sequences, which take no room.
fits()
{
	# shellcheck disable=SC2086
	for columns in 20 40 50 60 61 79 80 110 200; do
		COLUMNS=$columns "$synfin" --themes --color always $1 | sed 's/\x1b\[[0-9;]*m//g' >"$out"
		[ "$(wc -L <"$out")" -le "$columns" ] && [ "$(wc -l <"$out")" -eq "$(wc -l <"$top_srcdir/tests/golden/cmd_themes_names.txt")" ] || return 1
	done
}
tap_case "no line is wider than the terminal" fits
tap_case "nor in Korean" fits '--lang ko'

# ---- the person's own ----

printf '[theme]\ndescription = as I like it\n[roles]\ntext = red, on 17\n' >"$mine/mine.theme"
printf '[roles]\ntext = rde\ntxet = red\nnonsense\n' >"$mine/broken.theme"
printf '[theme]\ndescription = \033[31mred?\n' >"$mine/odd.theme"
ln -s /dev/zero "$mine/zero.theme"
touch "$mine/no-theme" "$mine/.theme" "$mine/.hidden.theme"

own()
{
	run 0 "$synfin" --themes && grep -qx mine "$out" && ! grep -q 'broken\|zero\|no-theme\|hidden' "$out"
}
tap_case "those without a mistake are among them" own

mistakes()
{
	run 0 "$synfin" --themes && cat "$err" && grep -qx "synfin: $mine/broken.theme:2: text: neither a colour nor an attribute: 'rde'" "$err" &&
		grep -qx "synfin: $mine/broken.theme:3: txet: no such role" "$err" &&
		grep -qx "synfin: $mine/broken.theme:4: neither .section. nor key = value" "$err" &&
		grep -qx "synfin: $mine/zero.theme is no regular file" "$err" && [ "$(wc -l <"$err")" -eq 4 ]
}
tap_case "each mistake is told, with file, line and key" mistakes

own_sample()
{
	COLUMNS=80 run 0 env COLUMNS=80 "$synfin" --themes --color always && grep -q '^mine .*as I like it$' "$out" && grep -q '^broken .*! .*has mistakes' "$out" &&
		grep '^odd ' "$out" | grep -Fq '?[31mred?'
}
tap_case "samples of one's own; what they say of themselves is clean" own_sample

no_color()
{
	NO_COLOR=1 run 0 env NO_COLOR=1 "$synfin" --themes && ! LC_ALL=C grep -q "$(printf '\033')" "$out"
}
tap_case "NO_COLOR: no colours" no_color

hidden_shipped()
{
	printf '[theme]\ndescription = another nord\n[roles]\ntext = blue\n' >"$mine/nord.theme"
	run 0 env COLUMNS=80 "$synfin" --themes --color always && [ "$(grep -c '^nord ' "$out")" -eq 1 ] && grep -q '^nord .*another nord$' "$out"
}
tap_case "one's own hides the shipped one of its name" hidden_shipped

full_output()
{
	timeout 60 "$synfin" --themes >/dev/full 2>"$err" </dev/null
	[ $? -eq 1 ] && grep -q "cannot write to standard output" "$err"
}
tap_case "standard output is full" full_output
tap_case "a theme by its name that is not there is refused" run 2 "$synfin" list --theme no-such

tap_end
