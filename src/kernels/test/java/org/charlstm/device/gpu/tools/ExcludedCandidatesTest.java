package org.charlstm.device.gpu.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Candidates that auto does not try. */
class ExcludedCandidatesTest {
    private static CudaException fault() {
        return new CudaException("cuStreamSynchronize",
                new CudaException.Status(700, "CUDA_ERROR_ILLEGAL_ADDRESS", "", false, true), "");
    }

    @TempDir
    private Path cache;

    private record Named(String title, boolean library) implements Autotuner.Candidate {
    }

    private static final Named FUSED = new Named("fused in 2 parts", false);
    private static final Named DYNAMIC = new Named("cudnn persist-dynamic", true);
    private static final Named STATIC = new Named("cudnn persist-static/standard", true);
    private static final Named PLAIN = new Named("plain", false);

    private ExcludedCandidates of(String without, String machine) {
        return ExcludedCandidates.of(Map.of(ExcludedCandidates.SETTING, without), Optional.of(cache), machine);
    }

    private static List<Named> allowed(ExcludedCandidates leftOut, List<String> findings) {
        return List.of(FUSED, DYNAMIC, STATIC, PLAIN).stream().filter(each -> {
            Optional<String> why = leftOut.why(each);
            why.ifPresent(findings::add);
            return why.isEmpty();
        }).toList();
    }

    @Test
    void theEnvironmentNamesEnginesAndAlgorithms() {
        List<String> findings = new ArrayList<>();
        assertEquals(List.of(STATIC, PLAIN), allowed(of(" fused ,persist-dynamic,", "a card"), findings));
        assertEquals(List.of("fused is left out by CHARLSTM_WITHOUT=fused",
                "cudnn persist-dynamic is left out by CHARLSTM_WITHOUT=persist-dynamic"), findings);
        assertEquals(List.of(FUSED, PLAIN), allowed(of("cudnn", "a card"), findings));
        assertEquals(List.of(FUSED, DYNAMIC, PLAIN), allowed(of("standard", "a card"), findings));
        assertEquals(List.of(FUSED, DYNAMIC, STATIC, PLAIN), allowed(of("", "a card"), findings));
    }

    @Test
    void anotherNameIsRefused() {
        for (String name : List.of("fuse", "plain", "auto", "Fused")) {
            String message = assertThrows(CharlstmException.class, () -> of("cudnn," + name, "a card")).getMessage();
            assertEquals("CHARLSTM_WITHOUT names '" + name + "'; it can name, with commas between, cluster, cudnn, "
                    + "fused, head, persist-dynamic, persist-static, persist-static-small-h, standard", message);
        }
    }

    @Test
    void whatBrokeACardIsKeptForThatCardAlone() {
        ExcludedCandidates card = of("", "a\tcard");
        card.add(FUSED, "LSTM 3 x 2", fault());
        card.add(DYNAMIC, "LSTM 3 x 2", fault());
        ExcludedCandidates again = of("", "a\tcard");
        List<String> findings = new ArrayList<>();
        assertEquals(List.of(STATIC, PLAIN), allowed(again, findings));
        assertTrue(findings.getFirst().matches("fused is left out: it broke this GPU on \\d{4}-\\d\\d-\\d\\d, by "
                + "CUDA_ERROR_ILLEGAL_ADDRESS for LSTM 3 x 2"), findings + "");
        assertEquals(2, again.lines().size());
        ExcludedCandidates other = of("", "a card of another name");
        assertEquals(List.of(FUSED, DYNAMIC, STATIC, PLAIN), allowed(other, findings));
        assertEquals(List.of(), other.lines());
        assertEquals(2, ExcludedCandidates.forget(cache));
        assertEquals(0, ExcludedCandidates.forget(cache));
        assertEquals(List.of(FUSED, DYNAMIC, STATIC, PLAIN), allowed(again, findings));
    }

    /** Nothing is lost but the memory of it. */
    @Test
    void aCacheThatCannotBeWrittenOrReadIsNoFailure() throws IOException {
        Path file = Files.writeString(cache.resolve("a file"), "x");
        ExcludedCandidates nowhere = ExcludedCandidates.of(Map.of(), Optional.of(file.resolve("cache")), "a card");
        nowhere.add(FUSED, "LSTM 3 x 2", fault());
        assertTrue(nowhere.why(FUSED).isEmpty());
        Files.writeString(cache.resolve("left-out.tsv"), "fused\ta card\n\nfused\ta card\twhy\tmore\n\0\n");
        assertTrue(of("", "a card").why(FUSED).isEmpty());
        assertFalse(ExcludedCandidates.of(Map.of(), Optional.empty(), "a card").why(FUSED).isPresent());
    }
}
