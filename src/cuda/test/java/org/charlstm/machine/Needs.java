package org.charlstm.machine;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Names the needs of a test, or of each test of a class. Where one is not met, the test is skipped before anything of
 * it is set up, with a reason that says what to install. Such tests have the tag {@code needs}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("needs")
@ExtendWith(Needs.Met.class)
public @interface Needs {
    /** Programs, devices, rights. */
    Need[] value() default {};

    /** Files by others, as {@link TestData} finds them. */
    String[] data() default {};

    /** Skips a test whose needs are not met. */
    final class Met implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return AnnotationSupport.findAnnotation(context.getElement(), Needs.class).flatMap(Met::lacking)
                    .map(ConditionEvaluationResult::disabled)
                    .orElse(ConditionEvaluationResult.enabled("all that it needs is here"));
        }

        private static Optional<String> lacking(Needs needs) {
            return Stream.concat(Stream.of(needs.value()).map(Need::lacking), Stream.of(needs.data())
                    .map(TestData::lacking)).flatMap(Optional::stream).findFirst();
        }
    }
}
