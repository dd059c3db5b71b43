package org.charlstm.text.generated;

import org.charlstm.random.RandomStream;

/** A piece of a compiled grammar: it adds its words to a caption. */
sealed interface Part {
    void appendTo(StringBuilder caption, RandomStream random, Choices choices);

    /** Follows what is chosen. */
    interface Choices {
        /**
         * Something has been chosen.
         *
         * @param rule        of which rule of the grammar
         * @param alternative which of its alternatives, from 0
         */
        void chosen(String rule, int alternative);
    }

    /** One of several sequences of parts, the earlier ones likelier: common words come first in the lists. */
    record Choice(String rule, Part[][] alternatives) implements Part {
        @Override
        public void appendTo(StringBuilder caption, RandomStream random, Choices choices) {
            double uniform = random.uniform();
            int chosen = (int) (uniform * Math.sqrt(uniform) * alternatives.length);
            choices.chosen(rule, chosen);
            for (Part part : alternatives[chosen]) {
                part.appendTo(caption, random, choices);
            }
        }
    }

    /** A word as it is printed. */
    record Word(String text, boolean vowelSound) implements Part {
        Word(String text) {
            this(text, "aeiou".indexOf(text.charAt(0)) >= 0 && !text.startsWith("uni") && !text.startsWith("uk"));
        }

        @Override
        public void appendTo(StringBuilder caption, RandomStream random, Choices choices) {
            int end = caption.length();
            if (end > 0) {
                boolean afterArticle = caption.charAt(end - 1) == 'a' && (end == 1 || caption.charAt(end - 2) == ' ');
                caption.append(afterArticle && vowelSound ? "n " : " ");
            }
            caption.append(text);
        }
    }
}
