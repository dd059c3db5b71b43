package org.charlstm.circle;

import module java.base;
import org.junit.jupiter.engine.descriptor.DynamicDescendantFilter;
import org.junit.jupiter.engine.descriptor.Filterable;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestTag;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.PostDiscoveryFilter;

/**
 * The circle of tests that a run is of, by the system property {@value #PROPERTY}: {@code first} leaves out what is
 * marked with {@link SecondCircle} and takes a sample of what is {@link Sampled}, {@code second} runs these two alone,
 * {@code all} runs everything, as do launchers that set no property, such as an editor's.
 */
public final class Circle implements PostDiscoveryFilter {
    /** Names the circle. */
    public static final String PROPERTY = "charlstm.test.circle";
    /** The tag of {@link SecondCircle}. */
    public static final String SECOND = "second";
    /** Decides which cases the first circle samples: {@code -Dcharlstm.test.seed=...}; else another in each run. */
    public static final long SEED = Long.getLong("charlstm.test.seed", System.currentTimeMillis() / 1000 % 100_000);

    private static final int MOST_CASES = 10_000;

    private final String circle;
    private final long seed;

    /** Of the property. */
    public Circle() {
        this(System.getProperty(PROPERTY, "all"), SEED);
    }

    Circle(String circle, long seed) {
        if (!Set.of("first", SECOND, "all").contains(circle)) {
            throw new IllegalArgumentException(PROPERTY + " is '" + circle + "'; it can be first, second or all");
        }
        this.circle = circle;
        this.seed = seed;
    }

    /** Whether this run is of the first circle alone. */
    public static boolean first() {
        return System.getProperty(PROPERTY, "all").equals("first");
    }

    /**
     * In the first circle one case in so many, which the seed decides, and at least one; else all.
     *
     * @param what another sample for each
     */
    public static <T> List<T> sample(List<T> cases, int every, String what) {
        if (!first() || cases.isEmpty()) {
            return cases;
        }
        int few = Math.min(every, cases.size());
        return IntStream.iterate(start(SEED, what, few), i -> i < cases.size(), i -> i + few).mapToObj(cases::get)
                .toList();
    }

    private static int start(long seed, String what, int every) {
        return Math.floorMod(31 * seed + what.hashCode(), every);
    }

    @Override
    public FilterResult apply(TestDescriptor test) {
        if (circle.equals("all") || !(test.getSource().orElse(null) instanceof MethodSource source)) {
            return FilterResult.included("every circle");
        }
        boolean second = test.getTags().contains(TestTag.create(SECOND));
        Method method = source.getJavaMethod();
        Sampled sampled = method.isAnnotationPresent(Sampled.class) ? method.getAnnotation(Sampled.class)
                : source.getJavaClass().getAnnotation(Sampled.class);
        if (circle.equals(SECOND)) {
            return FilterResult.includedIf(second || sampled != null);
        }
        if (sampled != null && sampled.every() > 1) {
            int start = start(seed, method.toString(), sampled.every());
            allow(((Filterable) test).getDynamicDescendantFilter(),
                    IntStream.iterate(start, i -> i < MOST_CASES, i -> i + sampled.every()));
        }
        return FilterResult.includedIf(!second);
    }

    /**
     * JUnit makes the cases when the test runs, and leaves out those whose numbers a selector did not name; without
     * such a selector its filter takes no numbers. Cases that a selector named stay as they are.
     */
    private static void allow(DynamicDescendantFilter filter, IntStream numbers) {
        try {
            Field mode = DynamicDescendantFilter.class.getDeclaredField("mode");
            mode.setAccessible(true);
            Object explicit = mode.get(new DynamicDescendantFilter());
            if (!mode.get(filter).equals(explicit)) {
                mode.set(filter, explicit);
                filter.allowIndex(numbers.boxed().collect(Collectors.toSet()));
            }
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("this JUnit selects cases in another way", e);
        }
    }
}
