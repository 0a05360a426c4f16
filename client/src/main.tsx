/**
 * Starts the app on the page the server has rendered. The page stays as it is, readable, until the core is there, and for good if it fails.
 * The entry of the build; imports the core, the schema and the screens.
 */
import { boot } from "./core/app";
import { loadMeanings } from "./core/meanings";
import { rulesOf } from "./core/rules";
import { SHEETS } from "./schema/definitions";
import { maskText } from "./schema/texts";
import { mount } from "./ui/mount";

const root = document.getElementById("app");
const workbook = root?.dataset["workbook"];
if (root && workbook) {
  void boot(workbook, { rules: rulesOf(SHEETS, maskText) }).then((app) => {
    mount(app, root);
    // After the first screen has had the line to itself.
    setTimeout(() => void loadMeanings(), 3_000);
  });
}
