package org.charlstm.text.generated;

import org.charlstm.random.RandomStream;

/** A piece of a compiled grammar: it adds its words to a caption. */
sealed interface Part {
    void appendTo(StringBuilder caption, RandomStream random);

    /** One of several sequences of parts, the earlier ones likelier: common words come first in the lists. */
    record Choice(Part[][] alternatives) implements Part {
        @Override
        public void appendTo(StringBuilder caption, RandomStream random) {
            double uniform = random.uniform();
            for (Part part : alternatives[(int) (uniform * Math.sqrt(uniform) * alternatives.length)]) {
                part.appendTo(caption, random);
            }
        }
    }

    /** A word as it is printed. */
    record Word(String text, boolean vowelSound) implements Part {
        Word(String text) {
            this(text, "aeiou".indexOf(text.charAt(0)) >= 0 && !text.startsWith("uni") && !text.startsWith("uk"));
        }

        @Override
        public void appendTo(StringBuilder caption, RandomStream random) {
            int end = caption.length();
            if (end > 0) {
                boolean afterArticle = caption.charAt(end - 1) == 'a' && (end == 1 || caption.charAt(end - 2) == ' ');
                caption.append(afterArticle && vowelSound ? "n " : " ");
            }
            caption.append(text);
        }
    }
}
