package org.charlstm.base;

import module java.base;

/** Words of a command line that a person may paste into a shell. */
public final class ShellWord {
    /**
     * A word, quoted if bash, zsh or a POSIX shell would change it.
     *
     * @param word any text, or a path; {@code ./} is put before a path that looks like an option
     * @return the word as typed, on one line. Control characters are escaped, in a form that only bash and zsh read
     */
    public static String of(Object word) {
        String text = word.toString();
        if (word instanceof Path && text.startsWith("-")) {
            text = "./" + text;
        }
        if (text.matches("[A-Za-z0-9_%+:,./-][A-Za-z0-9_%+:,./@=-]*")) {
            return text;
        }
        if (text.codePoints().noneMatch(Character::isISOControl)) {
            return "'" + text.replace("'", "'\\''") + "'";
        }
        StringBuilder quoted = new StringBuilder("$'");
        text.codePoints().forEach(c -> {
            if (c == '\\' || c == '\'') {
                quoted.append('\\').appendCodePoint(c);
            } else if (c == '\n') {
                quoted.append("\\n");
            } else if (Character.isISOControl(c)) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append('\'').toString();
    }
}
