package org.charlstm.circle;

import module java.base;

/**
 * A test with cases, of which the first circle runs one in so many, and the second all. The seed of the run decides
 * which: {@link Circle#SEED}. Without a number, a test or all tests of a class choose by themselves what the first
 * circle leaves out, by {@link Circle#first} or {@link Circle#sample}.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Sampled {
    /** The first circle runs one case in so many; the test must have as many. */
    int every() default 1;
}
