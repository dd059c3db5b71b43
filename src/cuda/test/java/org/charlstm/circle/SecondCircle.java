package org.charlstm.circle;

import module java.base;
import org.junit.jupiter.api.Tag;

/**
 * A test of the second circle: it repeats one of the first with another architecture, engine, size, seed, process or
 * page line. {@code mvn verify -P all} runs it, and {@code -Dtest=...} that names it.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag(Circle.SECOND)
public @interface SecondCircle {
    /** Says how it differs from a test of the first circle, and names that test where it is in another class. */
    String value();
}
