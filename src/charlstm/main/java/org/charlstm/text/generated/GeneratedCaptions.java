package org.charlstm.text.generated;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;

/**
 * Image captions drawn from a grammar, for a first run without files. They consist of 36 characters: the letters a to
 * z, the digits except 8, and the space.
 */
public final class GeneratedCaptions {
    /** How many captions the built-in set has. */
    public static final int DEFAULT_COUNT = 10_000;
    /** The seed of the built-in set. */
    public static final long DEFAULT_SEED = 1;

    /** The first column of each group, for a caption that names nothing of the group. */
    static final String NONE = "none";

    private static final int SHORTEST = 20;
    private static final int LONGEST = 172;
    /** One in 500 captions has the greatest length, so a set's longest caption does not depend on chance. */
    private static final int LONG_EVERY = 500;
    private static final int LONG_FIRST = 250;

    private static final Grammar GRAMMAR = new Grammar("captions.grammar");
    private static final Grammar.Symbol CAPTION = GRAMMAR.compile("CAPTION");
    private static final Grammar.Symbol LONG_CAPTION = GRAMMAR.compile("LONG_CAPTION");

    private static final List<GroupRules> GROUPS = List.of(GroupRules.ofRules("kind", kinds()),
            GroupRules.ofAlternatives("subject", "ADULT", "KID", "SCHOOL_KID", "DOG", "CAT", "FARM", "WILD", "BIRD",
                    "CAR", "TRAIN", "PLANE", "BOAT"),
            GroupRules.ofAlternatives("place", "STREET", "PARK", "PATH", "BEACH", "WATER", "KITCHEN", "TABLESIDE",
                    "FARM_PLACE", "WILD_PLACE", "PERCH", "PARKING", "COURSE"),
            GroupRules.ofAlternatives("colour", "COLOUR", "COAT"));

    /** Adjacent columns that hold a one-hot vector in each row; the first column stands for "none". */
    public record FeatureGroup(String name, List<String> columns) {
        public FeatureGroup {
            columns = List.copyOf(columns);
        }
    }

    /** A group, and the columns of each rule's alternatives. */
    private record GroupRules(FeatureGroup group, Map<String, int[]> columns) {
        /** A group with a column for each rule. */
        static GroupRules ofRules(String name, List<String> rules) {
            return of(name, rules, rule -> Collections.nCopies(GRAMMAR.alternatives(rule).size(), rule));
        }

        /** A group with a column for each alternative; equal alternatives share a column. */
        static GroupRules ofAlternatives(String name, String... rules) {
            return of(name, List.of(rules), GRAMMAR::alternatives);
        }

        private static GroupRules of(String name, List<String> rules, Function<String, List<String>> columnNames) {
            List<String> names = new ArrayList<>(List.of(NONE));
            Map<String, int[]> columns = new HashMap<>();
            for (String rule : rules) {
                columnNames.apply(rule).stream().filter(column -> !names.contains(column)).distinct()
                        .forEach(names::add);
                columns.put(rule, columnNames.apply(rule).stream().mapToInt(names::indexOf).toArray());
            }
            return new GroupRules(new FeatureGroup(name, names), columns);
        }

        /** The column of an alternative, or 0 if the rule does not belong to this group. */
        int column(String rule, int alternative) {
            int[] ofRule = columns.get(rule);
            return ofRule == null ? 0 : ofRule[alternative];
        }
    }

    /**
     * The first {@code count} captions of a seed, at least 1. A caption depends only on the seed and its index: a
     * smaller set is the beginning of a larger set. From 251 captions on, the longest has 172 characters.
     */
    public static List<String> generate(int count, long seed) {
        requireOne(count);
        List<String> captions = new ArrayList<>(count);
        int[] columns = new int[GROUPS.size()];
        for (int index = 0; index < count; index++) {
            captions.add(caption(index, seed, columns));
        }
        return captions;
    }

    /**
     * The grammar's choices in the first captions of a seed, one row per caption. A row is a concatenation of one-hot
     * vectors, one for each of the {@link #featureGroups}. If a caption makes a choice several times, the first counts.
     */
    public static float[][] features(int count, long seed) {
        requireOne(count);
        int width = GROUPS.stream().mapToInt(each -> each.group().columns().size()).sum();
        float[][] features = new float[count][width];
        int[] columns = new int[GROUPS.size()];
        for (int index = 0; index < count; index++) {
            caption(index, seed, columns);
            int first = 0;
            for (int group = 0; group < columns.length; group++) {
                features[index][first + columns[group]] = 1;
                first += GROUPS.get(group).group().columns().size();
            }
        }
        return features;
    }

    /**
     * The columns of {@link #features}: the kind of caption, and the person, animal or vehicle, the place and the
     * colour that the caption names. Names are written as in the grammar, where a name in capitals stands for any of
     * several words.
     */
    public static List<FeatureGroup> featureGroups() {
        return GROUPS.stream().map(GroupRules::group).toList();
    }

    /** The rules for kinds of captions; every caption uses exactly one of these rules. */
    private static List<String> kinds() {
        List<String> leading = List.of("CAPTION", "ANIMAL_SEEN", "VEHICLE_SEEN", "STILL");
        return Stream.concat(leading.stream().flatMap(rule -> GRAMMAR.alternatives(rule).stream())
                .filter(rule -> !leading.contains(rule)), Stream.of("LONG_CAPTION")).toList();
    }

    private static void requireOne(int count) {
        Refuse.argumentIf(count < 1, "the number of captions is " + count + "; it must be at least 1");
    }

    private static String caption(int index, long seed, int[] columns) {
        boolean isLong = index % LONG_EVERY == LONG_FIRST;
        Grammar.Symbol shape = isLong ? LONG_CAPTION : CAPTION;
        int shortest = isLong ? LONGEST : SHORTEST;
        RandomStream random = new RandomStream(seed, Purpose.CAPTIONS, index);
        StringBuilder text = new StringBuilder(LONGEST);
        // Draws again until the length fits: a caption cut to size would not be English.
        do {
            text.setLength(0);
            Arrays.fill(columns, 0);
            shape.appendTo(text, random, (rule, alternative) -> {
                for (int group = 0; group < columns.length; group++) {
                    columns[group] = columns[group] > 0 ? columns[group] : GROUPS.get(group).column(rule, alternative);
                }
            });
        } while (text.length() < shortest || text.length() > LONGEST);
        return text.toString();
    }
}
