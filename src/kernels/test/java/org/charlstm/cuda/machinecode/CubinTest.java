package org.charlstm.cuda.machinecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;

/** The build's files agree with the output of ptxas. */
class CubinTest {
    private static final Path FOLDER = Path.of("target", "kernels");

    @Test
    @Needs(Need.NVCC)
    void registersAndStackAreThosePtxasNames() throws IOException {
        for (String row : Files.readAllLines(FOLDER.resolve("resources.txt"))) {
            List<String> words = Arrays.asList(row.split(" ", -1));
            Path file = FOLDER.resolve(words.get(0) + ".sm_" + words.get(1) + ".cubin");
            if (Files.exists(file)) {
                Cubin cubin = Cubin.of(Files.readAllBytes(file));
                Cubin.Kernel kernel = cubin.kernels().getFirst();
                assertEquals(List.of(words.get(0), words.get(1), words.get(2), words.get(4)),
                        List.of(kernel.name(), "" + cubin.architecture(), "" + kernel.registers(),
                                "" + kernel.stack()));
            }
        }
    }

    @Test
    void otherBytesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Cubin.of(new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> Cubin.of(new byte[100]));
    }
}
