#!/usr/bin/perl
# Draws a terminal's screen as SVG. Standard input: what `tmux capture-pane -p -e` prints (UTF-8 with SGR sequences). Arguments: columns and rows.
# Lines and blocks are drawn as shapes, for fonts leave gaps between them. Needs no module that Debian's perl-base lacks.
use strict;
use warnings;
use utf8;

binmode STDIN,  ':utf8';
binmode STDOUT, ':utf8';

my ($columns, $rows) = @ARGV;
my ($cell, $line, $font) = (8.4, 18, 14);    # a monospace glyph is 0.6 em wide
my ($margin, $bar) = (16, 34);
my ($ground, $ink) = ('#0d1117', '#c9d1d9');
no warnings 'qw';    # colours begin with '#'
my @palette = qw(#30363d #ff7b72 #3fb950 #d29922 #58a6ff #bc8cff #39c5cf #c9d1d9
  #6e7681 #ffa198 #56d364 #e3b341 #79c0ff #d2a8ff #56d4dd #f0f6fc);

sub indexed {
	my ($n) = @_;
	return $palette[$n] if $n < 16;
	return sprintf '#%02x%02x%02x', (8 + 10 * ($n - 232)) x 3 if $n >= 232;
	$n -= 16;
	return sprintf '#%02x%02x%02x', map { $_ ? 55 + 40 * $_ : 0 } int($n / 36), int($n / 6) % 6, $n % 6;
}

# Takes an SGR sequence's numbers into the style.
sub apply {
	my ($style, @codes) = @_;
	@codes = (0) unless @codes;
	while (defined(my $code = shift @codes)) {
		if    ($code == 0)                   { %$style = () }
		elsif ($code <= 9)                   { $style->{$code} = 1 }
		elsif ($code == 22)                  { delete @$style{1, 2} }
		elsif ($code >= 23 && $code <= 29)   { delete $style->{$code - 20} }
		elsif ($code >= 30 && $code <= 37)   { $style->{fg} = $palette[$code - 30] }
		elsif ($code >= 90 && $code <= 97)   { $style->{fg} = $palette[$code - 82] }
		elsif ($code >= 40 && $code <= 47)   { $style->{bg} = $palette[$code - 40] }
		elsif ($code >= 100 && $code <= 107) { $style->{bg} = $palette[$code - 92] }
		elsif ($code == 39)                  { delete $style->{fg} }
		elsif ($code == 49)                  { delete $style->{bg} }
		elsif ($code == 38 || $code == 48) {
			my $kind = shift @codes // 0;
			$style->{ $code == 38 ? 'fg' : 'bg' } =
			  $kind == 5 ? indexed(shift @codes) : sprintf '#%02x%02x%02x', splice @codes, 0, 3;
		}
	}
}

sub is_wide {
	my ($n) = @_;
	return ($n >= 0x1100 && $n <= 0x115f) || ($n >= 0x2e80 && $n <= 0xa4cf) || ($n >= 0xac00 && $n <= 0xd7a3)
	  || ($n >= 0xf900 && $n <= 0xfaff) || ($n >= 0xfe30 && $n <= 0xfe6f) || ($n >= 0xff00 && $n <= 0xff60);
}

sub number { my $n = sprintf '%.2f', $_[0]; $n =~ s/\.?0+$//; return $n }

my @shapes;    # text, or a box: [x, y, width, height, the rest]

# A box that goes on where the last one ended is the same box: no seams.
sub box {
	my ($x, $y, $w, $h, $colour, $more) = @_;
	my $rest = qq{fill="$colour"} . ($more // '');
	my $last = $shapes[-1];
	if (ref $last && $last->[1] == $y && $last->[3] == $h && $last->[4] eq $rest && abs($last->[0] + $last->[2] - $x) < 1) {
		$last->[2] = $x + $w - $last->[0];
		return;
	}
	push @shapes, [$x, $y, $w, $h, $rest];
}

# Which of left, right, up, down a line character reaches to.
my %arms = ('─' => 'lr', '│' => 'ud', '┌' => 'rd', '┐' => 'ld', '└' => 'ru', '┘' => 'lu', '├' => 'udr', '┤' => 'udl', '┬' => 'lrd',
	'┴' => 'lru', '┼' => 'lrud', '╭' => 'rd', '╮' => 'ld', '╰' => 'ru', '╯' => 'lu');

# Draws lines and blocks; false for what is text.
sub draw {
	my ($char, $x, $y, $colour) = @_;
	my ($mx, $my, $n) = ($x + $cell / 2, $y + $line / 2, ord $char);
	if (my $arms = $arms{$char}) {
		box($x, $my - 0.7, $cell / 2 + 0.7, 1.4, $colour) if $arms =~ /l/;
		box($mx - 0.7, $my - 0.7, $cell / 2 + 0.7, 1.4, $colour) if $arms =~ /r/;
		box($mx - 0.7, $y, 1.4, $line / 2 + 0.7, $colour) if $arms =~ /u/;
		box($mx - 0.7, $my - 0.7, 1.4, $line / 2 + 0.7, $colour) if $arms =~ /d/;
	} elsif ($char eq '►' || $char eq '◄') {
		my ($from, $to) = $char eq '►' ? ($x, $x + $cell) : ($x + $cell, $x);
		push @shapes, sprintf '<path d="M%s %sL%s %sL%s %sz" fill="%s"/>',
		  (map { number($_) } $from, $my - 4, $to, $my, $from, $my + 4), $colour;
	} elsif ($char eq '●') {
		push @shapes, sprintf '<circle cx="%s" cy="%s" r="3.6" fill="%s"/>', number($mx), number($my), $colour;
	} elsif ($char eq '┊') {
		box($mx - 0.7, $y + $line * (2 * $_ + 0.5) / 8, 1.4, $line / 8, $colour) for 0 .. 3;
	} elsif ($char eq '╌' || $char eq '┄') {
		box($x + $cell * 0.08, $my - 0.7, $cell * 0.34, 1.4, $colour);
		box($x + $cell * 0.58, $my - 0.7, $cell * 0.34, 1.4, $colour);
	} elsif ($n >= 0x2581 && $n <= 0x2588) {
		my $h = $line * ($n - 0x2580) / 8;
		box($x, $y + $line - $h, $cell, $h, $colour);
	} elsif ($n >= 0x2589 && $n <= 0x258f) {
		box($x, $y, $cell * (0x2590 - $n) / 8, $line, $colour);
	} elsif ($n >= 0x2591 && $n <= 0x2593) {
		box($x, $y, $cell, $line, $colour, sprintf ' opacity="%.2f"', ($n - 0x2590) / 4);
	} else {
		return 0;
	}
	return 1;
}

sub escaped {
	my ($text) = @_;
	$text =~ s/&/&amp;/g;
	$text =~ s/</&lt;/g;
	$text =~ s/>/&gt;/g;
	return $text;
}

# A run of text in one style, squeezed or stretched to its cells, whatever the font.
sub write_run {
	my ($run) = @_;
	my $text = $run->{text};
	my $lead = $text =~ s/^( +)// ? length $1 : 0;
	$text =~ s/ +$//;
	return unless length $text;
	my $width = 0;
	$width += is_wide(ord $_) ? 2 : 1 for split //, $text;
	my $s = $run->{style};
	my $more = join '', $s->{1} ? ' font-weight="bold"' : '', $s->{2} ? ' opacity="0.7"' : '', $s->{3} ? ' font-style="italic"' : '',
	  $s->{4} ? ' text-decoration="underline"' : '';
	push @shapes, sprintf '<text x="%s" y="%s" fill="%s" textLength="%s"%s xml:space="preserve">%s</text>',
	  number($run->{x} + $lead * $cell), number($run->{y} + $line * 0.72), $run->{fg}, number($width * $cell), $more, escaped($text);
}

my $row = 0;
my %style;
while (defined(my $text = <STDIN>) && $row < $rows) {
	chomp $text;
	my ($column, $y) = (0, $bar + $row * $line);
	my (@cells, $run);
	while ($text =~ /\G(?:\e\[([0-9;:]*)m|\e\([AB0]|[\x0e\x0f]|(.))/g) {
		if (defined $2) {
			my ($char, $width) = ($2, is_wide(ord $2) ? 2 : 1);
			push @cells, {char => $char, at => $column, width => $width, style => {%style}} if $column + $width <= $columns;
			$column += $width;
		} elsif (defined $1) {
			(my $codes = $1) =~ tr/:/;/;
			apply(\%style, grep { length } split /;/, $codes);
		}
	}
	# Grounds first, all of a row, so that no glyph is cut by its neighbour's; one box for neighbours of the same colour.
	my ($from, $colour) = (0, '');
	for my $c (@cells, undef) {
		my ($fg, $bg) = $c ? ($c->{style}{fg} // $ink, $c->{style}{bg}) : ();
		($fg, $bg) = ($bg // $ground, $fg) if $c && $c->{style}{7};
		$c->{fg} = $fg if $c;
		next if $c && ($bg // '') eq $colour;
		my $to = $c ? $c->{at} : $column;
		box($margin + $from * $cell, $y, ($to - $from) * $cell, $line, $colour) if $colour ne '';
		($from, $colour) = ($to, $bg // '');
	}
	for my $c (@cells) {
		my $x = $margin + $c->{at} * $cell;
		my $key = join ';', $c->{fg}, map { $c->{style}{$_} // 0 } 1 .. 4;
		if ($run && $run->{key} ne $key) {
			write_run($run);
			undef $run;
		}
		if ($c->{char} eq ' ' ? !$run : draw($c->{char}, $x, $y, $c->{fg})) {
			write_run($run) if $run;
			undef $run;
			next;
		}
		$run //= {text => '', x => $x, y => $y, key => $key, style => $c->{style}, fg => $c->{fg}};
		$run->{text} .= $c->{char};
	}
	write_run($run) if $run;
	$row++;
}

my ($w, $h) = ($columns * $cell + 2 * $margin, $rows * $line + $bar + $margin);
printf qq{<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-label="synfin --demo in a terminal">\n},
  (map { number($_) } $w, $h) x 2;
printf qq{<rect x="0.5" y="0.5" width="%s" height="%s" rx="10" fill="%s" stroke="#30363d"/>\n}, number($w - 1), number($h - 1), $ground;
printf qq{<circle cx="%d" cy="17" r="5.5" fill="%s"/>\n}, @$_ for [22, '#ff5f57'], [40, '#febc2e'], [58, '#28c840'];
print qq{<g font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="$font">\n};
for my $s (@shapes) {
	print ref $s ? sprintf '<rect x="%s" y="%s" width="%s" height="%s" %s/>', (map { number($_) } @$s[0 .. 3]), $s->[4] : $s, "\n";
}
print "</g>\n</svg>\n";
