package org.charlstm.cli.console;

import java.util.stream.IntStream;

/** Words that may be mistyped. */
public final class Spelling {
    /** Of so many letters one may be missing, added, wrong, or in the place of its neighbour. */
    private static final int LETTERS = 4;

    private Spelling() {
    }

    /** Whether one word is another with few mistakes in it. */
    public static boolean isNearly(String typed, String name) {
        return !typed.equals(name) && mistakes(typed, name) <= (name.length() + 1) / LETTERS;
    }

    /** The distance of Damerau (1964), in which each pair of neighbours is exchanged at most once. */
    static int mistakes(String typed, String name) {
        int[][] least = new int[typed.length() + 1][name.length() + 1];
        for (int i = 0; i <= typed.length(); i++) {
            for (int j = 0; j <= name.length(); j++) {
                if (i == 0 || j == 0) {
                    least[i][j] = i + j;
                    continue;
                }
                int wrong = typed.charAt(i - 1) == name.charAt(j - 1) ? 0 : 1;
                least[i][j] = IntStream.of(least[i - 1][j] + 1, least[i][j - 1] + 1, least[i - 1][j - 1] + wrong).min()
                        .orElseThrow();
                if (i > 1 && j > 1 && typed.charAt(i - 1) == name.charAt(j - 2)
                        && typed.charAt(i - 2) == name.charAt(j - 1)) {
                    least[i][j] = Math.min(least[i][j], least[i - 2][j - 2] + 1);
                }
            }
        }
        return least[typed.length()][name.length()];
    }
}
