package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("outside")
class ClientTimeoutTest {
    /** Headers that do not come in time, and of too many clients that send nothing the one that has waited longest. */
    @Test
    void whoSendsNothingLosesItsConnection() throws Exception {
        try (ClientTimeout alarm = new ClientTimeout(60_000, 20)) {
            alarm.request(() -> assertThrows(InterruptedException.class, () -> Thread.sleep(60_000)));
            alarm.request(() -> {
                alarm.hasHeaders();
                assertDoesNotThrow(() -> Thread.sleep(60));
            });
        }
        Senders senders = new Senders(2);
        BlockingQueue<Integer> ended = new LinkedBlockingQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            CountDownLatch waiting = new CountDownLatch(1);
            threads.add(Thread.startVirtualThread(() -> {
                senders.begin(_ -> CompletableFuture.completedFuture(null));
                waiting.countDown();
                try {
                    Thread.sleep(60_000);
                } catch (InterruptedException e) {
                    ended.add(number);
                } finally {
                    senders.end();
                }
            }));
            waiting.await();
        }
        assertEquals(0, ended.poll(30, TimeUnit.SECONDS));
        assertTrue(ended.isEmpty());
        threads.forEach(Thread::interrupt);
    }

    @Test
    void answeringAfterTheServerHasEndedFailsLikeAnInterruption() {
        ClientTimeout alarm = new ClientTimeout(60_000);
        alarm.close();
        assertThrows(InterruptedIOException.class, () -> alarm.within(() -> "answer"));
        alarm.quietly(() -> "answer");
    }
}
