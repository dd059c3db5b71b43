package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/**
 * Whether the fields of options and operands are {@code @Nullable} where picocli leaves them null, and only there: it
 * sets them, so that the compiler cannot tell.
 */
class NullnessOfOptionsTest {
    private static Stream<ArgSpec> arguments(CommandLine command) {
        return Stream.concat(command.getCommandSpec().args().stream(),
                command.getSubcommands().values().stream().flatMap(NullnessOfOptionsTest::arguments));
    }

    @Test
    void whatMayBeLeftOutIsNullable() {
        arguments(Main.commands(new Console(System.out, System.err, 0)))
                .filter(argument -> argument.userObject() instanceof Field field && !field.getType().isPrimitive())
                .forEach(argument -> {
                    Field field = (Field) argument.userObject();
                    boolean leftOut = !argument.required() && argument.defaultValue() == null;
                    assertEquals(leftOut, field.getAnnotatedType().isAnnotationPresent(Nullable.class), field + "");
                });
    }
}
