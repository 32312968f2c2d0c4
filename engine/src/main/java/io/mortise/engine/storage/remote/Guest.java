package io.mortise.engine.storage.remote;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The line to somebody who attaches. What H2 does with it tells when it looks at the password: after it has sent its
 * greeting, until it uses the line again. It does that to read what the newcomer wants, or to say no. With an encrypted
 * file it reads the key before; so what comes behind the first that it has read is at the {@link Door} too. One thread
 * reads and writes; any may close.
 *
 * <pre>
 *   greeting sent ──▶ at the door ──reads──▶ at the door again ──reads, writes──▶ inside
 * </pre>
 */
final class Guest extends Socket {
    private enum Place {
        OUTSIDE,
        AT_THE_DOOR,
        AT_THE_DOOR_AGAIN,
        INSIDE
    }

    private final Door door;
    private final AtomicBoolean isHolding = new AtomicBoolean();
    /** Of the one thread that reads and writes. */
    private Place place = Place.OUTSIDE;

    Guest(Door door) {
        this.door = door;
    }

    private void stand(Place next) {
        place = next;
        door.enter();
        isHolding.set(true);
        if (isClosed()) { // Meanwhile, and whoever closed it may have found nothing to give back.
            leave();
        }
    }

    private void leave() {
        if (isHolding.get() && isHolding.getAndSet(false)) {
            door.leave();
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {
            @Override
            public int read() throws IOException {
                leave();
                int read = super.read();
                hasRead();
                return read;
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                leave();
                int read = super.read(bytes, from, length);
                hasRead();
                return read;
            }
        };
    }

    private void hasRead() {
        if (place == Place.AT_THE_DOOR) {
            stand(Place.AT_THE_DOOR_AGAIN);
        } else if (place == Place.AT_THE_DOOR_AGAIN) {
            place = Place.INSIDE;
        }
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new FilterOutputStream(super.getOutputStream()) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                leave();
                out.write(bytes, from, length);
            }

            @Override
            public void flush() throws IOException {
                super.flush();
                if (place == Place.OUTSIDE) {
                    stand(Place.AT_THE_DOOR);
                }
            }
        };
    }

    @Override
    public void close() throws IOException {
        try {
            super.close();
        } finally {
            leave();
        }
    }
}
