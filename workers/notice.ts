/** Tells the person at the terminal what is going on, one line a call; the command decides where the line goes. */
export type Notice = (line: string) => void;
