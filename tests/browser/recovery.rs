//! A venue's key brought to another browser: the printed QR code of its recovery code before the camera.

use std::path::Path;

use crate::driver::Driver;
use crate::films::film_of_code;
use crate::people::{Manager, PASSPHRASE};

const PHONE: (u32, u32) = (412, 915);

/// `manager` is who made the key; `folder` is for the other browser.
pub async fn by_camera(driver: &Driver, folder: &Path, manager: &Manager<'_>) {
    std::fs::create_dir_all(folder).unwrap();
    let film = folder.join("recovery.y4m");
    film_of_code(&film, &folder.join("recovery.png"), &manager.recovery_code);
    let browser = driver.browser_with_camera(folder, PHONE, &film).await;
    let (looks, url) = (manager.looks, manager.url);
    let other = Manager { browser, looks, url, recovery_code: String::new() };
    let browser = &other.browser;
    other.log_in().await;
    browser.open(&format!("{}/venue/key", other.url)).await;
    browser.see("#key-restore").await;
    browser.click("#restore-camera-start").await;
    other.picture("venue-key-camera").await;
    let read = format!(
        "return document.getElementById('restore-code').value === '{}'",
        manager.recovery_code
    );
    browser.wait_until("the recovery code that was read", &read).await;
    let ended = "return document.getElementById('restore-video').srcObject === null";
    browser.wait_until("the camera's end", ended).await;
    browser.fill("#restore-form [name=passphrase]", PASSPHRASE).await;
    browser.fill("#restore-form [name=again]", PASSPHRASE).await;
    browser.click("#restore-form button:not(.second)").await;
    browser.see("#key-here").await;
}
