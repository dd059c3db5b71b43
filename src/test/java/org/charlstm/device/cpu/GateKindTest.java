package org.charlstm.device.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import org.charlstm.device.RecurrentActivation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GateKindTest {
    /** HotSpot's FreqInlineSize. */
    private static final int INLINED = 325;

    /** Within its caller a fifth of the backward pass' time was lost to vectors on the heap. */
    @ParameterizedTest
    @EnumSource
    void theWayBackIsTooLargeToBeInlined(RecurrentActivation activation) throws IOException {
        Class<?> kind = GateKind.of(activation).getClass();
        try (InputStream in = kind.getResourceAsStream(kind.getSimpleName() + ".class")) {
            int bytes = ClassFile.of().parse(in.readAllBytes()).methods().stream()
                    .filter(method -> method.methodName().equalsString("backward"))
                    .mapToInt(method -> ((CodeAttribute) method.code().orElseThrow()).codeLength()).max().orElseThrow();
            assertTrue(bytes > INLINED, kind.getSimpleName() + ".backward has " + bytes + " bytes");
        }
    }
}
