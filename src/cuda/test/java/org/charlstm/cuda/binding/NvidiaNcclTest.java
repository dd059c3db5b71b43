package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.cuda.CudaException;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The binding and the stand-in, held to what NVIDIA's own NCCL 2.21.5 says and does on a machine without a GPU, above a
 * stand-in for CUDA's runtime: run by {@code .ci/nvidia}. PyTorch's library has it within.
 */
@InProcesses
@Needs({Need.NVIDIA, Need.SIMULATED_GPU})
class NvidiaNcclTest {
    private static final Path SIMULATED = Path.of("target", "native").toAbsolutePath();
    private static final Pattern LOGGED =
            Pattern.compile("NCCL (?:WARN (.*)|INFO ((?:AllReduce|Broadcast|AllGather): .*"
                    + "|(?:ncclCommInitRank )?comm .* COMPLETE))");

    @TempDir
    private Path folder;
    private Path library;
    private Map<String, String> environment;

    @BeforeEach
    void find() throws IOException {
        Path named = NvidiaLibraries.named();
        library = named.resolve("libtorch_cuda.so");
        environment = Map.of("LD_LIBRARY_PATH", named.toString(), "LD_PRELOAD",
                // The loader takes a space for the end of a path.
                Path.of("").toAbsolutePath().relativize(SIMULATED).resolve("libcharlstm-runtime.so").toString());
    }

    private List<String> ask(Map<String, String> more, Object... what) throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(more);
        return NvidiaLibraries.run(folder.resolve("printed"), all, NcclCalls.class,
                Stream.concat(Stream.of(library), Stream.of(what)).toArray());
    }

    private List<String> askStandIn(Map<String, String> more, Object what) throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(Map.of("CHARLSTM_SIM_NCCL", "22105"));
        all.putAll(more);
        return NvidiaLibraries.run(folder.resolve("printed"), all, NcclCalls.class,
                SIMULATED.resolve("libnccl.so.2"), what);
    }

    /** Which arguments are refused, and by which status; and every symbol that is bound is there, or none is called. */
    @Test
    void nvidiasAnswersAreTheStandIns() throws IOException, InterruptedException {
        List<String> nvidias = ask(Map.of(), "answers");
        assertEquals(String.join("\n", nvidias), String.join("\n", askStandIn(Map.of(), "answers")));
        assertEquals("version = 2.21.5", nvidias.getFirst());
        assertTrue(nvidias.size() >= 55, nvidias.size() + " answers");
        for (String address : List.of("127.0.0.1:4000", "")) {
            Map<String, String> set = Map.of("NCCL_COMM_ID", address);
            assertEquals(ask(set, "id"), askStandIn(set, "id"), address);
        }
    }

    /** NVIDIA's text of each status fits its name, and there are no others. */
    @Test
    void statusesMeanWhatTheirNamesSay() throws IOException, InterruptedException {
        List<String> texts = ask(Map.of(), "texts");
        for (CudaException.Status status : StatusTable.NCCL.statuses()) {
            String words =
                    status.name().equals("ncclRemoteError") ? "remote process exited or there was a network error"
                            : status.name().substring("nccl".length()).replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                                    .toLowerCase(Locale.ROOT);
            String text = texts.get(status.code());
            assertTrue(text.startsWith(status.code() + " = ") && text.contains(words), status + ": " + text);
        }
        assertEquals("0 = no error", texts.getFirst());
        assertEquals("8 = unknown result code", texts.get(StatusTable.NCCL.statuses().size() + 1));
    }

    /** Compares with the arguments in NVIDIA's own log. */
    @Test
    void everyArgumentArrivesAsItWasMeant() throws IOException, InterruptedException {
        Path log = folder.resolve("nccl.log");
        List<String> meant = ask(Map.of("NCCL_DEBUG", "INFO", "NCCL_DEBUG_SUBSYS", "INIT,COLL", "NCCL_DEBUG_FILE",
                log.toString()), "calls").stream()
                .filter(line -> line.contains(": ") || line.contains(" : ") || line.endsWith("COMPLETE")).toList();
        List<String> arrived = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            Matcher logged = LOGGED.matcher(line);
            if (logged.find()) {
                String text = logged.group(1) == null ? logged.group(2) : logged.group(1);
                arrived.add(text.replaceFirst("opCount \\S+ ", "").replaceFirst("commId \\S+ ", ""));
            }
        }
        assertEquals(String.join("\n", meant), String.join("\n", arrived));
        assertEquals(13, meant.size());
    }

    /** They find each other by an address, as under torchrun, and are told that they have one GPU. */
    @Test
    void ranksMeetAtAnAddress() throws IOException, InterruptedException {
        List<String> said = List.of();
        // A port that is free now may be somebody's a moment later: then another is tried.
        for (int turn = 0; turn < 3 && (turn == 0 || said.contains("join = nobody came")); turn++) {
            int port;
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            said = ask(Map.of("NCCL_COMM_ID", "127.0.0.1:" + port), "join", 2);
        }
        assertEquals(List.of("join = 5", "join = 5"), said);
    }
}
