package org.charlstm.run.folder;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lock of a run's folder, beside processes that only look whether it is locked. */
class RunLockTest {
    private static final int TURNS = 60;

    @TempDir
    private Path folder;

    @Test
    void aLookAtALockDoesNotKeepOthersFromLocking() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> lookers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            lookers.add(Thread.ofPlatform().start(() -> {
                while (!done.get()) {
                    RunFolder.isTraining(folder);
                }
            }));
        }
        try {
            for (int i = 0; i < TURNS; i++) {
                // The file of a killed process, which others lock to look.
                Files.writeString(folder.resolve(".lock"), "1");
                assertFalse(RunLock.isHeld(folder), "those who look take each other for one who has it");
                try (RunLock _ = RunLock.of(folder)) {
                    assertTrue(RunLock.isHeld(folder));
                    assertThrows(CharlstmException.class, () -> RunLock.of(folder));
                }
            }
        } finally {
            done.set(true);
            for (Thread looker : lookers) {
                looker.join();
            }
        }
        assertFalse(RunLock.isHeld(folder));
        assertThrows(IOException.class, () -> RunLock.isHeld(folder.resolve("none")));
    }

    /** Such as one that was stopped while it looked. */
    @Test
    void aLookThatNeverEndsDoesNotDelayARun() throws Exception {
        Path file = Files.writeString(folder.resolve(".lock"), "1");
        try (FileChannel looking = FileChannel.open(file, StandardOpenOption.READ);
                FileLock shared = looking.lock(RunLock.SHOWN, 1, true);
                RunLock _ = RunLock.of(folder)) {
            assertTrue(shared.isValid());
            assertTrue(RunLock.isHeld(folder));
            assertThrows(CharlstmException.class, () -> RunLock.of(folder));
        }
        assertFalse(RunLock.isHeld(folder));
    }

    /** As a process leaves it that was killed, for one because another rank ran out of memory. */
    @Test
    void aFileThatNobodyHasLockedIsNobodys() throws Exception {
        Path file = Files.writeString(folder.resolve(".lock"), Long.toString(ProcessHandle.current().pid()));
        assertFalse(RunFolder.isTraining(folder));
        try (RunLock lock = RunLock.of(folder)) {
            assertTrue(RunFolder.isTraining(folder));
            assertTrue(lock.isThere());
        }
        assertFalse(Files.exists(file));
    }
}
