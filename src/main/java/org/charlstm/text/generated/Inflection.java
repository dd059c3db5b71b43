package org.charlstm.text.generated;

import java.util.Map;

/** The regular English endings, and the exceptions among the words of this package. */
final class Inflection {
    private static final Map<String, String> IRREGULAR = Map.of("child", "children", "person", "people",
            "wolf", "wolves", "scarf", "scarves", "sheep", "sheep", "deer", "deer", "have", "has");

    private Inflection() {
    }

    /** The word with an ending: "s" (the plural of a noun, the third person of a verb), "ing", or none. */
    static String inflect(String word, String ending) {
        return switch (ending) {
            case "s" -> IRREGULAR.containsKey(word) ? IRREGULAR.get(word) : withS(word);
            case "ing" -> withIng(word);
            default -> word;
        };
    }

    private static String withS(String word) {
        int last = word.length() - 1;
        boolean afterConsonant = !isVowel(word, last - 1);
        if (word.endsWith("man")) {
            return word.substring(0, last - 1) + "en";
        }
        if (word.endsWith("y") && afterConsonant) {
            return word.substring(0, last) + "ies";
        }
        boolean hisses = word.endsWith("s") || word.endsWith("x") || word.endsWith("ch") || word.endsWith("sh");
        return word + (hisses || (word.endsWith("o") && afterConsonant) ? "es" : "s");
    }

    private static String withIng(String word) {
        int last = word.length() - 1;
        if (word.endsWith("ie")) {
            return word.substring(0, last - 1) + "ying";
        }
        if (word.endsWith("e")) {
            return word.substring(0, last) + "ing";
        }
        long vowels = word.chars().filter(letter -> "aeiou".indexOf(letter) >= 0).count();
        boolean doubles = vowels == 1 && isVowel(word, last - 1) && "wxy".indexOf(word.charAt(last)) < 0;
        return (doubles ? word + word.charAt(last) : word) + "ing";
    }

    private static boolean isVowel(String word, int index) {
        return "aeiou".indexOf(word.charAt(index)) >= 0;
    }
}
