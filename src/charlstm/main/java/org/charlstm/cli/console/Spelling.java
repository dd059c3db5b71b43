package org.charlstm.cli.console;

import java.util.stream.IntStream;

/** Finds mistyped words. */
public final class Spelling {
    /**
     * A word may have one mistake per this many letters: a letter missing, added, wrong, or swapped with its neighbour.
     */
    private static final int LETTERS = 4;

    private Spelling() {
    }

    /** Whether a typed word differs from a name by only a few mistakes. */
    public static boolean isNearly(String typed, String name) {
        return !typed.equals(name) && mistakes(typed, name) <= (name.length() + 1) / LETTERS;
    }

    /** The distance of Damerau (1964), in which neighbouring letters are swapped at most once. */
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
