package org.charlstm.text.generated;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One thing that the grammar says of what is seen, of which a caption's first mention counts: a choice of one of some
 * rules. Alternatives of several rules that are written alike are one.
 */
final class Slot {
    static final String NONE = "none";

    private final FeatureGroup group;
    /** Of each rule the columns of its alternatives. */
    private final Map<String, int[]> columns = new HashMap<>();

    private Slot(String name, Grammar grammar, boolean alternatives, List<String> rules) {
        List<String> names = new ArrayList<>(List.of(NONE));
        for (String rule : rules) {
            List<String> choices = grammar.alternatives(rule);
            int[] of = new int[choices.size()];
            for (int i = 0; i < of.length; i++) {
                String column = alternatives ? choices.get(i) : rule;
                int known = names.indexOf(column);
                of[i] = known < 0 ? names.size() : known;
                if (known < 0) {
                    names.add(column);
                }
            }
            columns.put(rule, of);
        }
        group = new FeatureGroup(name, names);
    }

    /** A slot of what rules say: their alternatives, as they are written. */
    static Slot ofAlternatives(String name, Grammar grammar, String... rules) {
        return new Slot(name, grammar, true, List.of(rules));
    }

    /** A slot of which of some rules speaks. */
    static Slot ofRules(String name, Grammar grammar, List<String> rules) {
        return new Slot(name, grammar, false, rules);
    }

    FeatureGroup group() {
        return group;
    }

    /** The column of a choice, or 0 where it is of none of the rules. */
    int column(String rule, int alternative) {
        int[] of = columns.get(rule);
        return of == null ? 0 : of[alternative];
    }
}
