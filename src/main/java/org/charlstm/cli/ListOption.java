package org.charlstm.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads an option that is a list, its elements apart by commas. */
final class ListOption {
    private ListOption() {
    }

    /** Words, none of them twice. */
    static List<String> words(String option, String text) {
        List<String> words = new ArrayList<>();
        for (String word : text.split(",", -1)) {
            String stripped = word.strip();
            if (stripped.isEmpty()) {
                throw new UsageException(option + " is '" + text + "', which has an empty place; name at least one, "
                        + "and a comma between two");
            }
            requireNew(option, words, stripped);
        }
        return words;
    }

    /** Words of those that there are, none of them twice. */
    static List<String> words(String option, String text, List<String> known) {
        List<String> words = words(option, text);
        for (String word : words) {
            if (!known.contains(word)) {
                throw new UsageException(option + " has '" + word + "'; there are " + String.join(", ", known));
            }
        }
        return words;
    }

    /** Whole numbers of at least {@code least}, none of them twice. */
    static List<Integer> numbers(String option, String text, int least) {
        List<Integer> numbers = new ArrayList<>();
        for (String word : words(option, text)) {
            requireNew(option, numbers, number(option, word, least));
        }
        return numbers;
    }

    /** Whole numbers of at least {@code least}, some perhaps more than once. */
    static List<Integer> sizes(String option, String text, int least) {
        return Stream.of(text.split(",", -1)).map(word -> number(option, word.strip(), least)).toList();
    }

    private static int number(String option, String word, int least) {
        int number;
        try {
            number = Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw new UsageException(option + " has '" + word + "', which is no whole number; for example 128,256");
        }
        UsageException.requireAtLeast(option, number, least);
        return number;
    }

    private static <T> void requireNew(String option, List<T> all, T element) {
        if (all.contains(element)) {
            throw new UsageException(option + " has " + element + " twice; once is enough");
        }
        all.add(element);
    }
}
