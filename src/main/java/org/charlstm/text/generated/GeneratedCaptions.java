package org.charlstm.text.generated;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;

/**
 * Image captions drawn from a grammar, so that a first run needs no file. They are made of 36 characters: the letters
 * a to z, the digits but 8, and the space.
 */
public final class GeneratedCaptions {
    /** How many captions the built-in set has. */
    public static final int DEFAULT_COUNT = 10_000;
    /** The seed of the built-in set. */
    public static final long DEFAULT_SEED = 1;

    private static final int SHORTEST = 20;
    private static final int LONGEST = 172;
    /** One caption in so many has the greatest length, so that a set's longest does not hang on luck. */
    private static final int LONG_EVERY = 500;
    private static final int LONG_FIRST = 250;

    private static final Grammar GRAMMAR = new Grammar(Words.RULES, Phrases.RULES, Sentences.rules());
    private static final Part CAPTION = GRAMMAR.compile("CAPTION");
    private static final Part LONG_CAPTION = GRAMMAR.compile("LONG_CAPTION");

    private static final List<Slot> SLOTS = List.of(
            Slot.ofRules("kind", GRAMMAR, kinds()),
            Slot.ofAlternatives("subject", GRAMMAR, "ADULT", "KID", "SCHOOL_KID", "DOG", "CAT", "FARM", "WILD", "BIRD",
                    "CAR", "TRAIN", "PLANE", "BOAT"),
            Slot.ofAlternatives("place", GRAMMAR, "STREET", "PARK", "PATH", "BEACH", "WATER", "KITCHEN", "TABLESIDE",
                    "FARM_PLACE", "WILD_PLACE", "PERCH", "PARKING", "COURSE"),
            Slot.ofAlternatives("colour", GRAMMAR, "COLOUR", "COAT"));

    private GeneratedCaptions() {
    }

    /**
     * The first captions of a seed. A caption depends on the seed and its index alone, so a smaller set begins a
     * larger one.
     *
     * @param count how many, at least 1
     * @param seed  the key of the set
     * @return the captions; the longest of the first 251 or more has 172 characters
     */
    public static List<String> generate(int count, long seed) {
        requireOne(count);
        List<String> captions = new ArrayList<>(count);
        int[] columns = new int[SLOTS.size()];
        for (int index = 0; index < count; index++) {
            captions.add(caption(index, seed, columns));
        }
        return captions;
    }

    /**
     * What the grammar has chosen in the first captions of a seed: for each caption a vector with one 1 in each of some
     * groups, 0 elsewhere. Of a choice that a caption makes several times the first counts.
     *
     * @param count how many captions, at least 1
     * @param seed  the key of the set
     * @return a row for each caption of {@link #generate}, the {@link #featureGroups} side by side
     */
    public static float[][] features(int count, long seed) {
        requireOne(count);
        int width = SLOTS.stream().mapToInt(slot -> slot.group().columns().size()).sum();
        float[][] features = new float[count][width];
        int[] columns = new int[SLOTS.size()];
        for (int index = 0; index < count; index++) {
            caption(index, seed, columns);
            int first = 0;
            for (int slot = 0; slot < columns.length; slot++) {
                features[index][first + columns[slot]] = 1;
                first += SLOTS.get(slot).group().columns().size();
            }
        }
        return features;
    }

    /**
     * What the columns of {@link #features} stand for: the kind of caption, what person, animal or vehicle it names,
     * what place and what colour, as the grammar writes them, where a name in capitals stands for any of some words.
     *
     * @return the groups, in the order of the columns
     */
    public static List<FeatureGroup> featureGroups() {
        return SLOTS.stream().map(Slot::group).toList();
    }

    /** The rules of which exactly one makes a caption: those that the first rules lead to. */
    private static List<String> kinds() {
        List<String> leading = List.of("CAPTION", "ANIMAL_SEEN", "VEHICLE_SEEN", "STILL");
        return Stream.concat(leading.stream().flatMap(rule -> GRAMMAR.alternatives(rule).stream())
                .filter(rule -> !leading.contains(rule)), Stream.of("LONG_CAPTION")).toList();
    }

    private static void requireOne(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("the number of captions is " + count + "; it must be at least 1");
        }
    }

    /**
     * One caption.
     *
     * @param columns receives of each slot the column of what is chosen first
     */
    private static String caption(int index, long seed, int[] columns) {
        boolean isLong = index % LONG_EVERY == LONG_FIRST;
        Part shape = isLong ? LONG_CAPTION : CAPTION;
        int shortest = isLong ? LONGEST : SHORTEST;
        RandomStream random = new RandomStream(seed, Purpose.CAPTIONS, index);
        StringBuilder text = new StringBuilder(LONGEST);
        // Drawn again until it fits: a caption cut to size would not be English.
        do {
            text.setLength(0);
            Arrays.fill(columns, 0);
            shape.appendTo(text, random, (rule, alternative) -> {
                for (int slot = 0; slot < columns.length; slot++) {
                    columns[slot] = columns[slot] > 0 ? columns[slot] : SLOTS.get(slot).column(rule, alternative);
                }
            });
        } while (text.length() < shortest || text.length() > LONGEST);
        return text.toString();
    }
}
