/** A server with the drill workbook, one for all tests of a worker; each test brings its own people. */
import { test as base, type Browser } from "@playwright/test";
import { Person } from "./people";
import { Server } from "./server";

export class Drill {
  constructor(readonly server: Server) {}

  get home(): string {
    return `${this.server.url}/w/drill/`;
  }

  async visitor(browser: Browser, look: Parameters<typeof Person.arrive>[3] = {}): Promise<Person> {
    return Person.arrive(browser, this.home, "访客", look);
  }

  /** Somebody who has come by an invitation. */
  async member(browser: Browser, role: string, name: string, look: Parameters<typeof Person.arrive>[3] = {}): Promise<Person> {
    const person = await Person.arrive(browser, this.home, name, look);
    await person.join(await this.server.invite("drill", role));
    return person;
  }
}

export const test = base.extend<object, { drill: Drill }>({
  drill: [
    async ({}, use) => {
      const server = await Server.prepare({ drill: true });
      await server.start();
      await use(new Drill(server));
      await server.remove();
    },
    { scope: "worker" },
  ],
});

export { expect } from "@playwright/test";
