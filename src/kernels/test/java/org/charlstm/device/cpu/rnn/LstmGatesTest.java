package org.charlstm.device.cpu.rnn;

import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.RecurrentActivation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LstmGatesTest {
    /** HotSpot's FreqInlineSize. */
    private static final int INLINED = 325;

    /** Inlined into its caller, it put vectors on the heap, which cost a fifth of the backward pass' time. */
    @ParameterizedTest
    @EnumSource
    void theBackwardPassIsTooLargeToBeInlined(RecurrentActivation activation) throws IOException {
        Class<?> kind = LstmGates.of(activation).getClass();
        try (InputStream in = kind.getResourceAsStream("LstmGates$" + kind.getSimpleName() + ".class")) {
            int bytes = ClassFile.of().parse(in.readAllBytes()).methods().stream()
                    .filter(method -> method.methodName().equalsString("backward"))
                    .mapToInt(method -> ((CodeAttribute) method.code().orElseThrow()).codeLength()).max().orElseThrow();
            assertTrue(bytes > INLINED, kind.getSimpleName() + ".backward has " + bytes + " bytes");
        }
    }
}
