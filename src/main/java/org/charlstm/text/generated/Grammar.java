package org.charlstm.text.generated;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A grammar written as lines such as "PET_DO: ~chase a TOY, sleep": a rule's name, then its alternatives. A line
 * without a colon continues the rule above.
 *
 * <p>A name in capitals stands for one of that rule's alternatives; "DOG/s" and "PET_DO/ing" ask for an ending. The
 * ending goes to the word or name marked with ~, or else to the last of the alternative, so that both "polar bear" and
 * "~ride a horse" come out right. "a" becomes "an" where the word that follows asks for it.
 */
final class Grammar {
    // Both maps are only looked up: their order never matters.
    private final Map<String, String> alternatives = new HashMap<>();
    private final Map<String, Part> compiled = new HashMap<>();

    Grammar(String... texts) {
        String name = "";
        for (String line : String.join("\n", texts).lines().toList()) {
            int colon = line.indexOf(':');
            if (colon >= 0) {
                name = line.substring(0, colon);
            }
            alternatives.merge(name, line.substring(colon + 1), String::concat);
        }
    }

    /** The part that a name, with or without an ending, stands for. */
    Part compile(String reference) {
        Part known = compiled.get(reference);
        if (known != null) {
            return known;
        }
        int slash = reference.indexOf('/');
        String name = slash < 0 ? reference : reference.substring(0, slash);
        List<String> choices = alternatives(name);
        Part[][] parts = new Part[choices.size()][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = sequence(choices.get(i).split(" +"), slash < 0 ? "" : reference.substring(slash + 1));
        }
        Part choice = new Part.Choice(name, parts);
        compiled.put(reference, choice);
        return choice;
    }

    /** What a rule has to choose from, as it is written. */
    List<String> alternatives(String name) {
        String text = alternatives.get(name);
        if (text == null) {
            throw new IllegalStateException("the grammar has no rule " + name);
        }
        return Arrays.stream(text.split(",", 0)).map(String::strip).toList();
    }

    private Part[] sequence(String[] tokens, String ending) {
        int inflected = tokens.length - 1;
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i].startsWith("~")) {
                inflected = i;
                tokens[i] = tokens[i].substring(1);
            }
        }
        Part[] parts = new Part[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            String own = i == inflected ? ending : "";
            if (Character.isUpperCase(tokens[i].charAt(0))) {
                parts[i] = compile(own.isEmpty() ? tokens[i] : tokens[i] + "/" + own);
            } else {
                parts[i] = new Part.Word(Inflection.inflect(tokens[i], own));
            }
        }
        return parts;
    }
}
