package org.charlstm.base;

import module java.base;

/** Words of a command that is shown to a person, written so that a shell takes the line as it is pasted. */
public final class ShellWord {
    /**
     * A word, quoted where bash, zsh or a plain shell would make something else of it.
     *
     * @param word any text, or a path; one that looks like an option is written from its folder
     * @return the word as it is typed; on one line and without control characters, which only bash and zsh then read
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
