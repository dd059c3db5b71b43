package org.charlstm.text.generated;

import module java.base;
import org.charlstm.random.RandomStream;

/** A grammar that writes English sentences; {@code captions.grammar} explains how its rules are written. */
final class Grammar {
    private static final Map<String, String> IRREGULAR = Map.of("child", "children", "person", "people",
            "wolf", "wolves", "scarf", "scarves", "sheep", "sheep", "deer", "deer", "have", "has");

    // Both maps are only looked up, so their order does not matter.
    private final Map<String, String> rules = new HashMap<>();
    private final Map<String, Symbol> compiled = new HashMap<>();

    /** Reports which alternative of a rule was chosen, from 0. */
    interface Listener {
        void chosen(String rule, int alternative);
    }

    /** A symbol of the grammar, from which a sentence is derived. */
    sealed interface Symbol {
        /** Appends the words derived from this symbol. */
        void appendTo(StringBuilder sentence, RandomStream random, Listener listener);
    }

    /** A symbol that becomes one of several sequences of symbols. */
    private record Choice(String rule, Symbol[][] alternatives) implements Symbol {
        @Override
        public void appendTo(StringBuilder sentence, RandomStream random, Listener listener) {
            double uniform = random.uniform();
            // The earlier alternatives are likelier: common words come first in the lists.
            int chosen = (int) (uniform * Math.sqrt(uniform) * alternatives.length);
            listener.chosen(rule, chosen);
            for (Symbol symbol : alternatives[chosen]) {
                symbol.appendTo(sentence, random, listener);
            }
        }
    }

    private record Word(String text, boolean vowelSound) implements Symbol {
        Word(String text) {
            this(text, isVowel(text, 0) && !text.startsWith("uni") && !text.startsWith("uk"));
        }

        @Override
        public void appendTo(StringBuilder sentence, RandomStream random, Listener listener) {
            int end = sentence.length();
            if (end > 0) {
                boolean afterArticle = sentence.charAt(end - 1) == 'a' && (end == 1 || sentence.charAt(end - 2) == ' ');
                sentence.append(afterArticle && vowelSound ? "n " : " ");
            }
            sentence.append(text);
        }
    }

    /** Reads the rules from a resource of this package. */
    Grammar(String resource) {
        try (InputStream in = Objects.requireNonNull(Grammar.class.getResourceAsStream(resource), resource)) {
            String name = "";
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                if (line.startsWith("#")) {
                    continue;
                }
                int colon = line.indexOf(':');
                if (colon >= 0) {
                    name = line.substring(0, colon);
                }
                rules.merge(name, line.substring(colon + 1), String::concat);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The symbol for a rule's name, with or without an ending such as "/s". */
    Symbol compile(String reference) {
        Symbol known = compiled.get(reference);
        if (known != null) {
            return known;
        }
        int slash = reference.indexOf('/');
        String name = slash < 0 ? reference : reference.substring(0, slash);
        String ending = slash < 0 ? "" : reference.substring(slash + 1);
        Choice choice = new Choice(name, alternatives(name).stream()
                .map(alternative -> sequence(alternative.split(" +"), ending)).toArray(Symbol[][]::new));
        compiled.put(reference, choice);
        return choice;
    }

    /** The alternatives of a rule as written. */
    List<String> alternatives(String name) {
        String text = Objects.requireNonNull(rules.get(name), () -> "the grammar has no rule " + name);
        return Arrays.stream(text.split(",", 0)).map(String::strip).toList();
    }

    private Symbol[] sequence(String[] tokens, String ending) {
        int inflected = tokens.length - 1;
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i].startsWith("~")) {
                inflected = i;
                tokens[i] = tokens[i].substring(1);
            }
        }
        Symbol[] symbols = new Symbol[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            String own = i == inflected ? ending : "";
            if (Character.isUpperCase(tokens[i].charAt(0))) {
                symbols[i] = compile(own.isEmpty() ? tokens[i] : tokens[i] + "/" + own);
            } else {
                symbols[i] = new Word(inflect(tokens[i], own));
            }
        }
        return symbols;
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
