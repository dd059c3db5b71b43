package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;
import org.charlstm.cuda.CudaSource;
import org.charlstm.cuda.machinecode.Cubin;
import org.charlstm.cuda.panama.PanamaBinding;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.KernelImages;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;

/** kernels/nvrtc.txt, and the code that NVRTC makes of the kernels; with {@code -Dledger=write} it gets its figures. */
@Needs(Need.NVRTC)
class NvrtcLedgerTest {
    private static final Path LEDGER = Path.of("kernels", "nvrtc.txt");
    private static final String WRITE = ".ci/nvidia -Dtest=NvrtcLedgerTest -Dledger=write";
    private static final List<Integer> CAPABILITIES = List.of(80, 90);

    @Test
    void noKernelUsesMoreOrLessThanTheLedgerSays() throws IOException {
        Nvrtc nvrtc = NvrtcOnce.of(new PanamaBinding().nvrtc(LibrarySearch.OF_MACHINE, List.of(13, 12)));
        String version = "# NVRTC " + CudaDriver.versionText(nvrtc.version());
        boolean writes = System.getProperty("ledger", "").equals("write");
        List<String> ledger = writes ? List.of() : Files.readAllLines(LEDGER);
        assumeTrue(writes || ledger.contains(version), "the ledger is not of " + version.substring(2));
        List<String> made = new ArrayList<>(List.of(
                "# A thread of each kernel where NVRTC compiles it, as the machine code itself has it, written by",
                "# " + WRITE,
                version,
                "# kernel architecture registers stack (bytes, with what is spilt)"));
        for (Kernel kernel : Kernel.values()) {
            for (int capability : CAPABILITIES) {
                CudaSource source = KernelImages.Compiled.source(KernelImages.JarFiles.IN_JAR, kernel.entry());
                byte[] image = new KernelCompiler(nvrtc, new KernelCache(Optional.empty()), capability, Map.of())
                        .compile(source).image();
                Cubin.Kernel code = Cubin.of(image).kernels().getFirst();
                made.add(code.name() + " " + capability + " " + code.registers() + " " + code.stack());
            }
        }
        if (writes) {
            Files.write(LEDGER, made);
            return;
        }
        List<String> gone = new ArrayList<>(ledger);
        gone.removeAll(made);
        List<String> come = new ArrayList<>(made);
        come.removeAll(ledger);
        assertEquals(String.join("\n", gone), String.join("\n", come), "If that is as it should be: " + WRITE);
    }
}
