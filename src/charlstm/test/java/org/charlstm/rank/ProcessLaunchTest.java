package org.charlstm.rank;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.rank.ProcessLaunch.Launcher;
import org.junit.jupiter.api.Test;

/** The launcher that started a process, by its environment, and the collective that is opened for it. */
class ProcessLaunchTest {
    @Test
    void isReadFromTheEnvironment() {
        assertEquals(new ProcessLaunch(Launcher.NONE, 0, 1, 0), ProcessLaunch.of(Map.of()));
        assertEquals(new ProcessLaunch(Launcher.OPEN_MPI, 3, 4, 1), ProcessLaunch.of(Map.of("OMPI_COMM_WORLD_SIZE", "4",
                "OMPI_COMM_WORLD_RANK", "3", "OMPI_COMM_WORLD_LOCAL_RANK", "1", "PMIX_RANK", "3",
                "SLURM_STEP_NUM_TASKS",
                "2")));
        assertEquals(new ProcessLaunch(Launcher.PMI, 1, 2, 1),
                ProcessLaunch.of(Map.of("PMI_RANK", "1", "PMI_SIZE", "2", "MPI_LOCALRANKID", "1")));
        assertEquals(new ProcessLaunch(Launcher.PMIX, 5, 8, 2),
                ProcessLaunch.of(Map.of("PMIX_RANK", "5", "SLURM_LOCALID", "2",
                        "SLURM_STEP_NUM_TASKS", "8")));
        assertEquals(new ProcessLaunch(Launcher.PMIX, 5, -1, -1), ProcessLaunch.of(Map.of("PMIX_RANK", "5")));
        assertEquals(new ProcessLaunch(Launcher.TORCHRUN, 1, 2, 0),
                ProcessLaunch.of(Map.of("RANK", "1", "WORLD_SIZE", "2",
                        "LOCAL_RANK", "0", "MASTER_ADDR", "a", "MASTER_PORT", "29500")));
        // As other tools set them too.
        assertEquals(Launcher.NONE, ProcessLaunch.of(Map.of("RANK", "1", "WORLD_SIZE", "2")).launcher());
        // A batch script of one step in a larger allocation.
        assertEquals(Launcher.NONE, ProcessLaunch.of(Map.of("SLURM_NTASKS", "4", "SLURM_PROCID", "0")).launcher());
    }

    @Test
    void whatCannotBeIsSaidInOneLine() {
        assertEquals("srun started 4 processes that cannot find each other; start them with srun --mpi=pmix, or "
                + "--mpi=pmi2 for MPICH",
                assertThrows(CharlstmException.class,
                        () -> ProcessLaunch.of(Map.of("SLURM_STEP_NUM_TASKS", "4"))).getMessage());
        assertEquals("PMI_SIZE is 'two' and not a number; whoever started this process set it",
                assertThrows(CharlstmException.class,
                        () -> ProcessLaunch.of(Map.of("PMI_RANK", "0", "PMI_SIZE", "two"))).getMessage());
        assertEquals("torchrun started 2 processes, which find each other only through NCCL, on GPUs; elsewhere start "
                + "them with mpirun",
                assertThrows(CharlstmException.class,
                        () -> Ranks.open(new ProcessLaunch(Launcher.TORCHRUN, 0, 2, 0), Ranks.TIMEOUT)).getMessage());
    }

    @Test
    void aProcessByItselfOpensNoLibrary() throws Exception {
        for (ProcessLaunch launch : List.of(new ProcessLaunch(Launcher.NONE, 0, 1, 0),
                new ProcessLaunch(Launcher.OPEN_MPI, 0, 1, 0))) {
            try (Collective alone = Ranks.open(launch, Ranks.TIMEOUT)) {
                float[] values = {1, 2};
                alone.sum(MemorySegment.ofArray(values));
                alone.barrier();
                assertArrayEquals(new float[] {1, 2}, values);
                assertArrayEquals(new byte[] {3}, alone.broadcast(new byte[] {3}));
                assertEquals(1, alone.gather(new byte[] {4}).size());
                assertEquals("rank 0 on host " + alone.hosts().getFirst(), alone.name(0));
            }
        }
        if (Files.exists(Path.of("/proc/self/maps"))) {
            assertTrue(
                    Files.readAllLines(Path.of("/proc/self/maps")).stream().noneMatch(line -> line.contains("libmpi")));
        }
        assertFalse(new ProcessLaunch(Launcher.OPEN_MPI, 0, 1, 0).several());
    }
}
