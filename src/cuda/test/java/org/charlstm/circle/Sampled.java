package org.charlstm.circle;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A test with cases, of which the first circle runs one in so many, and the second all. The seed of the run decides
 * which: {@link Circle#SEED}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Sampled {
    /** The first circle runs one case in so many; the test must have as many. */
    int every();
}
